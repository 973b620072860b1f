//! One command and its answer.

use dianka_reader_common::fault;
use dianka_reader_common::line::{Lost, TRIES, pending, settle};
use dianka_sdk::reader::driver::Error;
use dianka_sdk::reader::{Level, Port};

use crate::wire::{self, Arrival};

/// Notices that may come in before the answer.
const ARRIVALS_MAX: u32 = 16;
/// "Pulled" and "reset", as they stand on the line.
const POWER_LOST: [&[u8]; 2] = [b"01FF0200FC", b"01FF000112ED"];

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// SW1 and SW2.
    pub status: [u8; 2],
    /// Data.
    pub data: Vec<u8>,
}

/// The line. Answers carry no number, so whatever was not asked for is taken off before each command.
#[derive(Debug)]
pub struct Link<P> {
    port: P,
    /// A notice said that the card has no power any more.
    pulled: bool,
    /// An answer is overdue and may still come.
    overdue: bool,
}

impl<P: Port> Link<P> {
    /// A link over a port that was not configured yet.
    pub const fn new(port: P) -> Self {
        Self { port, pulled: false, overdue: false }
    }

    /// The port.
    pub const fn port(&mut self) -> &mut P {
        &mut self.port
    }

    /// The port again, when the session is over.
    pub fn into_port(self) -> P {
        self.port
    }

    /// Whether a notice has told since the last call that the card lost its power.
    pub const fn take_pulled(&mut self) -> bool {
        core::mem::replace(&mut self.pulled, false)
    }

    /// Sends a command and waits for its answer.
    ///
    /// A NAK says that the reader did not understand, so the frame goes out again, whatever it orders. A lost or damaged
    /// answer does not say whether the order was carried out: only what changes nothing (`repeatable`) is sent again.
    /// The manual lets the host ask for the answer again by a NAK of its own; this driver does not, so that no reader
    /// that takes it for "again" can spend a try.
    ///
    /// # Errors
    /// `no-answer`, `not-this-protocol`, `garbled`, `port`.
    pub fn exchange(&mut self, ins: u8, data: &[u8], wait_ms: u32, repeatable: bool) -> Result<Answer, Error> {
        let frame = wire::command(ins, data);
        let mut tries = 1_u32;
        loop {
            let lost = match self.attempt(&frame, wait_ms) {
                Ok(answer) => return Ok(answer),
                Err(lost) => lost,
            };
            self.overdue = true;
            let again = repeatable && tries < TRIES && matches!(lost, Lost::Damaged | Lost::Garbage);
            if !again {
                return Err(fault::lost(&lost, "acr30"));
            }
            tries = tries.saturating_add(1);
            self.port.log(Level::Warn, "damaged answer, the command is repeated");
        }
    }

    fn attempt(&mut self, frame: &[u8], wait_ms: u32) -> Result<Answer, Lost> {
        self.clear()?;
        let mut sends = 1_u32;
        self.port.write(frame).map_err(Lost::Port)?;
        for _ in 0..ARRIVALS_MAX {
            match wire::receive(&mut self.port, wait_ms)? {
                Arrival::Answer { status, data } => return Ok(Answer { status, data }),
                Arrival::Slot(inserted) => self.pulled |= !inserted,
                Arrival::Nak if sends < TRIES => {
                    sends = sends.saturating_add(1);
                    self.port.write(frame).map_err(Lost::Port)?;
                }
                Arrival::Nak => return Err(Lost::Damaged),
            }
        }
        Err(Lost::Garbage)
    }

    fn clear(&mut self) -> Result<(), Lost> {
        let overdue = core::mem::replace(&mut self.overdue, false);
        let stray = if overdue { settle(&mut self.port)? } else { pending(&mut self.port)? };
        let said = |text: &&[u8]| stray.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text));
        self.pulled |= POWER_LOST.iter().any(said);
        Ok(())
    }
}
