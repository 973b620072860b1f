//! What a contract major must be able to do for readers. Call sites know this, and never a version.

use std::time::Duration;

use super::{CardInfo, Description, Port, ReaderError, ReaderInfo};
use crate::about::About;
use crate::fault::Fault;

/// A driver's answer, if the driver worked at all.
pub(crate) type ReaderAnswer<T> = Result<Result<T, ReaderError>, Fault>;

/// One loaded reader driver behind one major of the contract.
pub(crate) trait ReaderAdapter: Send + Sync {
    /// The description, converted and not yet validated.
    fn describe(&self) -> Result<Description, Fault>;
    /// A new instance with `port` granted.
    fn open(&self, about: &About, port: Box<dyn Port>) -> Result<Box<dyn LiveReader>, Fault>;
}

/// An instance. After a fault it is dead.
pub(crate) trait LiveReader: Send {
    /// Wall time of each of the calls to come.
    fn set_wall(&mut self, wall: Duration);
    fn probe(&mut self) -> ReaderAnswer<ReaderInfo>;
    fn poll(&mut self) -> ReaderAnswer<bool>;
    fn power_on(&mut self) -> ReaderAnswer<CardInfo>;
    fn read(&mut self, offset: u32, len: u32) -> ReaderAnswer<Vec<u8>>;
    fn error_counter(&mut self) -> ReaderAnswer<u8>;
    fn present(&mut self, code: &[u8]) -> ReaderAnswer<()>;
    fn write(&mut self, offset: u32, bytes: &[u8]) -> ReaderAnswer<()>;
    fn change_code(&mut self, code: &[u8]) -> ReaderAnswer<()>;
    fn power_off(&mut self) -> ReaderAnswer<()>;
}
