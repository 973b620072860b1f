//! The contract, version 1.1.0 of `dianka:meter`, world `token-driver`.

/// Generated from `plugins/wit/meter/1.1.0`.
#[allow(missing_docs, clippy::all, clippy::as_conversions, clippy::arithmetic_side_effects, reason = "generated code")]
mod bindings {
    wit_bindgen::generate!({
        path: "../../wit/meter/1.1.0",
        world: "token-driver",
        generate_unused_types: true,
        additional_derives: [PartialEq, Eq],
    });
}

pub use bindings::dianka::meter::types;
pub use bindings::exports::dianka::meter::{driver, simulator, tokens};

// A test of the driver is native; there is nothing to export there.
#[cfg(target_arch = "wasm32")]
bindings::export!(Sts with_types_in bindings);
#[cfg(target_arch = "wasm32")]
use crate::Sts;
