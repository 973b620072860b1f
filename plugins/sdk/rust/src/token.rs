//! The world of token meters, version 1.1.0 of `dianka:meter`: standards whose carrier is a row of digits.

/// Generated from the contract in `plugins/wit/meter/1.1.0`.
#[allow(missing_docs, clippy::all, clippy::as_conversions, clippy::arithmetic_side_effects, reason = "generated code")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../wit/meter/1.1.0",
        world: "token-driver",
        pub_export_macro: true,
        export_macro_name: "export",
        default_bindings_module: "dianka_sdk::token::bindings",
        runtime_path: "dianka_sdk::token::runtime",
        generate_unused_types: true,
        additional_derives: [PartialEq, Eq],
    });
}

#[doc(hidden)]
pub use wit_bindgen::rt as runtime;

pub use bindings::dianka::meter::types;
pub use bindings::exports::dianka::meter::{driver, simulator, tokens};

crate::displays::display_item!(types::DisplayItem);

/// Exports a type that implements all three interfaces as the component. Does nothing on any target but WebAssembly, so
/// that several drivers can be linked into one native test.
#[macro_export]
macro_rules! export_token_meter {
    ($driver:ident) => {
        #[cfg(target_arch = "wasm32")]
        $crate::token::bindings::export!($driver with_types_in $crate::token::bindings);
    };
}
