//! Card reader drivers: their contract as plain types, the port that they are granted, and sessions over it.

mod adapter;
mod describe;
mod driver;
mod port;
mod session;

pub(crate) use adapter::{LiveReader, ReaderAdapter, ReaderAnswer};
pub use describe::Description;
pub use driver::ReaderDriver;
pub use port::{LineSettings, Parity, Port, PortError};
pub use session::{CardInfo, ReaderCallError, ReaderError, ReaderErrorKind, ReaderInfo, ReaderSession};
