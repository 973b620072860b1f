//! The whole application in process, on a real Postgres, with real drivers.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod accounts;
mod analysis;
mod auth;
mod learning;
mod lists;
mod openapi;
mod pages;
mod problems;
mod process;
mod reconcile;
mod stations;
mod support;
mod tenancy;
mod tokens;
