//! Who may do what: passwords, tokens, log-in, rights.

pub mod guard;
pub mod key;
pub mod operators;
pub mod rights;
pub mod token;

pub use guard::{Guard, Op};
