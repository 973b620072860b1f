//! The store on a real Postgres: one database per test.

#[cfg(test)]
mod aggregates;
#[cfg(test)]
mod analysis;
#[cfg(test)]
mod concurrency;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod private_postgres;
#[cfg(test)]
mod readings;
#[cfg(test)]
mod reconcile;
#[cfg(test)]
mod replacement;
#[cfg(test)]
mod sale;
#[cfg(test)]
mod schema_file;
#[cfg(test)]
mod tenancy;
#[cfg(test)]
mod token_sale;
#[cfg(test)]
mod transactions;
