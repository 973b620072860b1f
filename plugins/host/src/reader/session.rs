//! One driver instance over one port, for as long as the port is open.

use std::sync::Arc;
use std::time::Duration;

use dianka_plugin_package::Notice;
use serde::{Deserialize, Serialize};

use super::{LiveReader, ReaderAnswer};
use crate::fault::Fault;
use crate::health::Health;

/// Kinds of errors that a reader driver knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReaderErrorKind {
    /// Nothing came back in time.
    NoAnswer,
    /// Something came back that is not this protocol.
    NotThisProtocol,
    /// A damaged frame, after the retries that the protocol allows.
    Garbled,
    /// No card in the reader, or it was pulled.
    NoCard,
    /// A card that this driver cannot work.
    UnknownCard,
    /// The password was wrong: a try is gone.
    WrongCode,
    /// The card takes no password any more.
    Locked,
    /// The card refused (a protected byte, a write without a password).
    Refused,
    /// The port failed.
    Port,
    /// The reader cannot do it.
    Unsupported,
    /// The host asked for something that cannot be.
    BadInput,
}

/// A reader driver's own error: an answer, not a fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code} ({message})")]
pub struct ReaderError {
    /// What the host decides by.
    pub kind: ReaderErrorKind,
    /// The protocol's own code.
    pub code: String,
    /// For the log, in English.
    pub message: String,
}

/// Who the reader says it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReaderInfo {
    /// Model.
    pub model: String,
    /// Firmware.
    pub firmware: String,
}

/// The card in the slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardInfo {
    /// `sle4442`, ...
    pub chip: String,
    /// Answer to reset.
    pub atr: Vec<u8>,
    /// Bytes of readable memory.
    pub size: u32,
}

/// Why a call of a reader session gave no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReaderCallError {
    /// The driver's own error: no card, wrong code, ... The session goes on.
    #[error(transparent)]
    Reader(ReaderError),
    /// The driver failed with this call. The session is dead.
    #[error(transparent)]
    Fault(Fault),
    /// The driver failed earlier in this session. Open a new one and start again at `probe`.
    #[error("this session ended: {0}")]
    Dead(Fault),
    /// The driver was taken out of service.
    #[error("the driver is in quarantine: {0}")]
    Quarantined(Notice),
}

/// A reader driver at work. The order of steps is the caller's: probe, poll, power on, read, ... Every call has a wall
/// limit; reads of the port end with it, whatever deadline the driver asked for.
pub struct ReaderSession {
    live: Box<dyn LiveReader>,
    health: Arc<Health>,
    dead: Option<Fault>,
}

impl ReaderSession {
    pub(crate) fn new(live: Box<dyn LiveReader>, health: Arc<Health>) -> Self {
        Self { live, health, dead: None }
    }

    /// Why the session is dead, if it is.
    pub fn dead(&self) -> Option<&Fault> {
        self.dead.as_ref()
    }

    /// Wall time of each of the calls to come.
    pub fn set_wall(&mut self, wall: Duration) {
        self.live.set_wall(wall);
    }

    /// Configures the line and asks the reader who it is. Never touches a card.
    pub fn probe(&mut self) -> Result<ReaderInfo, ReaderCallError> {
        self.call("probe", |live| live.probe())
    }

    /// Whether a card is in the slot. Never powers it and never touches its password.
    pub fn poll(&mut self) -> Result<bool, ReaderCallError> {
        self.call("poll", |live| live.poll())
    }

    /// Powers and selects the card.
    pub fn power_on(&mut self) -> Result<CardInfo, ReaderCallError> {
        self.call("power-on", |live| live.power_on())
    }

    /// Reads exactly `len` bytes of main memory from `offset`.
    pub fn read(&mut self, offset: u32, len: u32) -> Result<Vec<u8>, ReaderCallError> {
        self.call("read", |live| {
            let answer = live.read(offset, len)?;
            match &answer {
                Ok(bytes) if usize::try_from(len) != Ok(bytes.len()) => {
                    Err(Fault::Incompatible(format!("it read {} bytes instead of {len}", bytes.len())))
                }
                _ => Ok(answer),
            }
        })
    }

    /// Tries that are left: 3, 2, 1 or 0 (dead).
    pub fn error_counter(&mut self) -> Result<u8, ReaderCallError> {
        self.call("error-counter", |live| match live.error_counter()? {
            Ok(tries) if tries > 3 => Err(Fault::Incompatible(format!("a card has 0 to 3 tries, not {tries}"))),
            answer => Ok(answer),
        })
    }

    /// Presents the password once. `Ok` means verified; [`ReaderErrorKind::WrongCode`] means that a try is gone. After a
    /// fault nothing is known about it: read the counter in a new session.
    pub fn present(&mut self, code: &[u8]) -> Result<(), ReaderCallError> {
        self.call("present", |live| live.present(code))
    }

    /// Writes main memory.
    pub fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), ReaderCallError> {
        self.call("write", |live| live.write(offset, bytes))
    }

    /// Replaces the password, after [`Self::present`].
    pub fn change_code(&mut self, code: &[u8]) -> Result<(), ReaderCallError> {
        self.call("change-code", |live| live.change_code(code))
    }

    /// Takes the card's power away.
    pub fn power_off(&mut self) -> Result<(), ReaderCallError> {
        self.call("power-off", |live| live.power_off())
    }

    fn call<T>(
        &mut self,
        during: &str,
        call: impl FnOnce(&mut dyn LiveReader) -> ReaderAnswer<T>,
    ) -> Result<T, ReaderCallError> {
        if let Some(fault) = &self.dead {
            return Err(ReaderCallError::Dead(fault.clone()));
        }
        match call(self.live.as_mut()) {
            Ok(answer) => answer.map_err(ReaderCallError::Reader),
            Err(fault) => {
                self.health.fault(during, &fault);
                self.dead = Some(fault.clone());
                Err(ReaderCallError::Fault(fault))
            }
        }
    }
}
