//! The reader world, version 1.0.0 of `dianka:reader`.

/// Generated from the contract in `plugins/wit/reader/1.0.0`.
#[allow(missing_docs, clippy::all, clippy::as_conversions, clippy::arithmetic_side_effects, reason = "generated code")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../wit/reader/1.0.0",
        world: "reader-driver",
        pub_export_macro: true,
        export_macro_name: "export",
        default_bindings_module: "dianka_sdk::reader::bindings",
        runtime_path: "dianka_sdk::reader::runtime",
        generate_unused_types: true,
        additional_derives: [PartialEq, Eq],
    });
}

mod panics;
mod port;

#[doc(hidden)]
pub use wit_bindgen::rt as runtime;

pub use bindings::dianka::reader::log::Level;
pub use bindings::dianka::reader::port::{Parity, PortError, Settings};
pub use bindings::exports::dianka::reader::driver;
pub use panics::log_panics;
pub use port::{HostPort, Port};

/// Exports a type that implements the driver interface as the component. Does nothing on any target but WebAssembly.
#[macro_export]
macro_rules! export_reader {
    ($driver:ident) => {
        #[cfg(target_arch = "wasm32")]
        $crate::reader::bindings::export!($driver with_types_in $crate::reader::bindings);
    };
}
