//! The meter world, version 1.0.0 of `dianka:meter`.

/// Generated from the contract in `plugins/wit/meter/1.0.0`.
#[allow(missing_docs, clippy::all, clippy::as_conversions, clippy::arithmetic_side_effects, reason = "generated code")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../wit/meter/1.0.0",
        world: "meter-driver",
        pub_export_macro: true,
        export_macro_name: "export",
        default_bindings_module: "dianka_sdk::meter::bindings",
        runtime_path: "dianka_sdk::meter::runtime",
        generate_unused_types: true,
        additional_derives: [PartialEq, Eq],
    });
}

#[doc(hidden)]
pub use wit_bindgen::rt as runtime;

pub use bindings::dianka::meter::types;
pub use bindings::exports::dianka::meter::{driver, simulator};

crate::displays::display_item!(types::DisplayItem);

/// Exports a type that implements both interfaces as the component. Does nothing on any target but WebAssembly, so
/// that several drivers can be linked into one native test.
#[macro_export]
macro_rules! export_meter {
    ($driver:ident) => {
        #[cfg(target_arch = "wasm32")]
        $crate::meter::bindings::export!($driver with_types_in $crate::meter::bindings);
    };
}
