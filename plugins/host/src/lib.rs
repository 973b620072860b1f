//! Runs drivers: loads them from files while the program runs, limits them, calls them, judges their answers, and takes
//! them out of service when they misbehave. There is no compiler in here (see `dianka-plugc`) and no version of a
//! contract in any public name: one adapter per contract major sits behind traits over plain types.
//!
//! * [`Registry`] watches the drivers' folders and hands out [`meter::MeterDriver`] and [`reader::ReaderDriver`].
//! * A meter driver is pure; every call gets a fresh instance that is thrown away afterwards.
//! * A reader driver lives in a [`reader::ReaderSession`], which owns one granted port.
//! * [`verify_encode`] is the host's own check of a card image before any money is taken for it; [`token::verify_token`]
//!   is that of a token, for standards whose carrier is a row of digits.
//!
//! All calls block. A meter call takes some ten microseconds and at most about 100 ms; call it off the executor's
//! workers. A reader call takes as long as its line, so a session belongs to a thread of its own.

mod about;
mod engine;
mod engine_config;
mod fault;
mod health;
mod limits;
pub mod meter;
pub mod reader;
mod registry;
mod text;
pub mod token;
mod v1;
mod verify;

pub use about::About;
pub use dianka_plugin_package as package;
pub use fault::{CallError, Fault};
pub use limits::take_peak_memory;
pub use registry::{
    Changes, CheckFailure, CheckOutcome, ConformanceCheck, ConformanceReport, Described, DriverInfo, DriverState,
    DriversDir, Registry, RegistryError, RegistryOptions, WallLimits,
};
pub use text::Text;
pub use verify::{IntegrityFault, verify_encode};
