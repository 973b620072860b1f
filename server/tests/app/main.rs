//! The whole application in process, on a real Postgres, with real drivers.

mod accounts;
mod analysis;
mod auth;
mod learning;
mod lists;
mod openapi;
mod pages;
mod problems;
mod process;
mod support;
mod tenancy;
