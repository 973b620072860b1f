//! A serial port of this machine, as a reader driver gets it.

mod open;
mod serial;

pub use open::{OpenError, PortInfo, list};
pub use serial::SerialLine;
