//! The contract, version 1.1.0 of `dianka:meter`, world `token-driver`.

pub use dianka_sdk::token::{driver, simulator, tokens, types};
