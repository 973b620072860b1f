//! The granted port behind a trait, so that a protocol runs against a scripted line in a native test.

use super::bindings::dianka::reader::{log, port};
use super::{Level, PortError, Settings};

/// The one line that a reader driver was granted, and its log.
pub trait Port {
    /// Sets speed and framing of the line.
    ///
    /// # Errors
    /// As the contract's `port.configure`.
    fn configure(&mut self, settings: Settings) -> Result<(), PortError>;

    /// Sends all of `bytes` (4096 at most).
    ///
    /// # Errors
    /// As the contract's `port.write`.
    fn write(&mut self, bytes: &[u8]) -> Result<(), PortError>;

    /// Exactly `len` bytes; `deadline_ms` counts from the call.
    ///
    /// # Errors
    /// `timeout` with what came so far, and the rest of the contract's `port.read`.
    fn read(&mut self, len: u32, deadline_ms: u32) -> Result<Vec<u8>, PortError>;

    /// Throws away what has come in and was not read.
    ///
    /// # Errors
    /// As the contract's `port.flush-input`.
    fn flush_input(&mut self) -> Result<(), PortError>;

    /// A line for the host's log. Never a password.
    fn log(&mut self, level: Level, message: &str);
}

/// The port and the log of the host.
#[derive(Debug, Default)]
pub struct HostPort;

impl Port for HostPort {
    fn configure(&mut self, settings: Settings) -> Result<(), PortError> {
        port::configure(settings)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        port::write(bytes)
    }

    fn read(&mut self, len: u32, deadline_ms: u32) -> Result<Vec<u8>, PortError> {
        port::read(len, deadline_ms)
    }

    fn flush_input(&mut self) -> Result<(), PortError> {
        port::flush_input()
    }

    fn log(&mut self, level: Level, message: &str) {
        log::log(level, message);
    }
}
