//! One command and its answer.

use dianka_reader_common::fault;
use dianka_reader_common::line::{Lost, TRIES, pending, settle};
use dianka_sdk::reader::driver::Error;
use dianka_sdk::reader::{Level, Port};

use crate::wire::{self, ACK, Arrival, Done};

/// The manual gives the reader 300 ms to take a frame; converters add to that.
const TAKEN_MS: u32 = 800;
/// Late answers that may come in before the right one.
const ARRIVALS_MAX: u32 = 16;

/// A command.
#[derive(Clone, Copy, Debug)]
pub struct Command<'a> {
    /// What: CM.
    pub cm: u8,
    /// How: PM.
    pub pm: u8,
    /// Data.
    pub data: &'a [u8],
    /// How long the answer may take after the frame was taken.
    pub wait_ms: u32,
    /// Whether it may be sent again when its answer is lost: true for what changes nothing.
    pub repeatable: bool,
}

/// The line.
#[derive(Debug)]
pub struct Link<P> {
    port: P,
    /// An answer is overdue and may still come.
    overdue: bool,
}

impl<P: Port> Link<P> {
    /// A link over a port that was not configured yet.
    pub const fn new(port: P) -> Self {
        Self { port, overdue: false }
    }

    /// The port.
    pub const fn port(&mut self) -> &mut P {
        &mut self.port
    }

    /// The port again, when the session is over.
    pub fn into_port(self) -> P {
        self.port
    }

    /// Sends a command and waits for its answer.
    ///
    /// A NAK says that the reader did not understand, so the frame goes out again, whatever it orders. A lost or damaged
    /// answer, or a cleared line, does not say whether the order was carried out: only what changes nothing is sent
    /// again, after the line has fallen quiet.
    ///
    /// # Errors
    /// `no-answer`, `not-this-protocol`, `garbled`, `port`.
    pub fn exchange(&mut self, command: Command<'_>) -> Result<Done, Error> {
        let mut tries = 1_u32;
        loop {
            let lost = match self.attempt(command) {
                Ok(done) => return Ok(done),
                Err(lost) => lost,
            };
            self.overdue = true;
            let again = command.repeatable && tries < TRIES && matches!(lost, Lost::Damaged | Lost::Garbage);
            if !again {
                return Err(fault::lost(&lost, "crt571"));
            }
            tries = tries.saturating_add(1);
            self.port.log(Level::Warn, "damaged answer, the command is repeated");
        }
    }

    fn attempt(&mut self, command: Command<'_>) -> Result<Done, Lost> {
        let Command { cm, pm, data, wait_ms, .. } = command;
        let frame = wire::command(cm, pm, data);
        let overdue = core::mem::replace(&mut self.overdue, false);
        let _ = if overdue { settle(&mut self.port)? } else { pending(&mut self.port)? };
        let mut sends = 1_u32;
        let mut wait = TAKEN_MS;
        self.port.write(&frame).map_err(Lost::Port)?;
        for _ in 0..ARRIVALS_MAX {
            match wire::receive(&mut self.port, wait) {
                Ok(Arrival::Ack) => wait = wait_ms,
                Ok(Arrival::Nak) if sends < TRIES => {
                    sends = sends.saturating_add(1);
                    self.port.write(&frame).map_err(Lost::Port)?;
                }
                Ok(Arrival::Nak | Arrival::Cleared) => return Err(Lost::Damaged),
                Ok(Arrival::Answer { to, result }) => {
                    self.take()?;
                    if to == [cm, pm] {
                        return Ok(result);
                    }
                    // An answer to something that was given up before.
                }
                Err(lost @ (Lost::Damaged | Lost::Garbage)) => {
                    // Taken all the same, so that the reader does not say it again in the middle of what follows.
                    let _ = settle(&mut self.port)?;
                    self.take()?;
                    return Err(lost);
                }
                Err(lost) => return Err(lost),
            }
        }
        Err(Lost::Garbage)
    }

    fn take(&mut self) -> Result<(), Lost> {
        self.port.write(&[ACK]).map_err(Lost::Port)
    }
}
