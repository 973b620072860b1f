//! A piece of work and its answers.

use dianka_reader_common::fault;
use dianka_reader_common::line::{Lost, TRIES, pending, settle};
use dianka_sdk::reader::driver::Error;
use dianka_sdk::reader::{Level, Port};

use crate::wire::{self, Framing};

/// How long the first byte of an answer may take.
const WAIT_MS: u32 = 1000;

/// A frame, and the bytes of data that its answer has.
pub type Frame = (Vec<u8>, usize);

/// The line.
#[derive(Debug)]
pub struct Link<P> {
    port: P,
    framing: Framing,
    /// An answer is overdue and may still come.
    overdue: bool,
}

impl<P: Port> Link<P> {
    /// A link over a port that was not configured yet.
    pub const fn new(port: P) -> Self {
        Self { port, framing: Framing::Plain, overdue: false }
    }

    /// The port.
    pub const fn port(&mut self) -> &mut P {
        &mut self.port
    }

    /// The port again, when the session is over.
    pub fn into_port(self) -> P {
        self.port
    }

    /// Takes another framing.
    pub const fn frame(&mut self, framing: Framing) {
        self.framing = framing;
    }

    /// Sends frames one after the other, each when the one before it is answered; gives the data of the last answer.
    ///
    /// What changes nothing (`repeatable`) is done again from its first frame when an answer arrives damaged: the
    /// reader goes on from where it is, so its address is set anew. Everything else goes out once. The protocol has no
    /// "not understood".
    ///
    /// # Errors
    /// `no-answer`, `garbled`, `port`.
    pub fn work(&mut self, frames: &[Frame], repeatable: bool) -> Result<Vec<u8>, Error> {
        let mut tries = 1_u32;
        loop {
            let lost = match self.attempt(frames) {
                Ok(data) => return Ok(data),
                Err(lost) => lost,
            };
            self.overdue = true;
            if !(repeatable && tries < TRIES && lost == Lost::Damaged) {
                return Err(fault::lost(&lost, "towitoko"));
            }
            tries = tries.saturating_add(1);
            self.port.log(Level::Warn, "damaged answer, the command is repeated");
        }
    }

    fn attempt(&mut self, frames: &[Frame]) -> Result<Vec<u8>, Lost> {
        let overdue = core::mem::replace(&mut self.overdue, false);
        let _ = if overdue { settle(&mut self.port)? } else { pending(&mut self.port)? };
        let mut data = Vec::new();
        for (bytes, len) in frames {
            let frame = wire::command(self.framing, bytes);
            self.port.write(&frame).map_err(Lost::Port)?;
            data = wire::receive(&mut self.port, *len, WAIT_MS)?;
        }
        Ok(data)
    }
}
