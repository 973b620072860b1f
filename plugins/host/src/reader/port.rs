//! The one port that a reader driver is granted. The station implements it over a serial line, tests over a script.

use std::time::Instant;

use serde::{Deserialize, Serialize};

/// Parity of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Parity {
    /// None.
    None,
    /// Even.
    Even,
    /// Odd.
    Odd,
}

/// Settings of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineSettings {
    /// Bits a second.
    pub baud: u32,
    /// 5 to 8.
    pub data_bits: u8,
    /// Parity.
    pub parity: Parity,
    /// 1 or 2.
    pub stop_bits: u8,
}

/// Why the port did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// The deadline passed; what came so far.
    #[error("time-out after {} bytes", .0.len())]
    Timeout(Vec<u8>),
    /// Unplugged, or closed by the host.
    #[error("the port is closed")]
    Closed,
    /// Not granted, with the reason.
    #[error("denied: {0}")]
    Denied(String),
}

/// A byte stream with line settings. Calls block; none may block beyond its deadline for more than some milliseconds.
pub trait Port: Send {
    /// Sets the line up.
    fn configure(&mut self, settings: LineSettings) -> Result<(), PortError>;
    /// Writes all of `bytes` (at most 4096).
    fn write(&mut self, bytes: &[u8], deadline: Instant) -> Result<(), PortError>;
    /// Reads exactly `len` bytes (at most 4096).
    fn read(&mut self, len: usize, deadline: Instant) -> Result<Vec<u8>, PortError>;
    /// Throws away what has come in and was not read.
    fn flush_input(&mut self) -> Result<(), PortError>;
}
