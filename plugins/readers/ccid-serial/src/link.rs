//! One command and its answer.

use dianka_reader_common::fault;
use dianka_reader_common::line::{Lost, TRIES, settle};
use dianka_sdk::reader::driver::Error;
use dianka_sdk::reader::{Level, Port};

use crate::wire::{self, Arrival, Envelope, Message};

/// Things that may come in before the answer: echo, notices, late answers, requests for time.
const ARRIVALS_MAX: u32 = 64;

/// A command of the host.
#[derive(Clone, Debug)]
pub struct Command {
    /// CCID type.
    pub kind: u8,
    /// CCID type of the answer.
    pub answer: u8,
    /// The last three bytes of the header.
    pub specific: [u8; 3],
    /// Data.
    pub data: Vec<u8>,
    /// How long the first byte of the answer may take.
    pub wait_ms: u32,
    /// Whether it may be sent again when its answer is lost: true for what changes nothing.
    pub repeatable: bool,
}

/// An answer whose header was checked.
#[derive(Clone, Debug)]
pub struct Answer {
    /// State of the card: 0 powered, 1 there and not powered, 2 not there.
    pub card: u8,
    /// The reader's error byte, if it says that the command failed.
    pub error: Option<u8>,
    /// Data.
    pub data: Vec<u8>,
}

/// The line with its sequence number.
pub struct Link<P> {
    port: P,
    envelope: Envelope,
    seq: u8,
    /// A notice said that the card was pulled.
    pulled: bool,
}

impl<P: Port> Link<P> {
    /// A link over a port that was not configured yet.
    pub const fn new(port: P) -> Self {
        Self { port, envelope: Envelope::GemPc, seq: 0, pulled: false }
    }

    /// The port, to configure it.
    pub const fn port(&mut self) -> &mut P {
        &mut self.port
    }

    /// The port again, when the session is over.
    pub fn into_port(self) -> P {
        self.port
    }

    /// The envelope in use.
    pub const fn envelope(&self) -> Envelope {
        self.envelope
    }

    /// Takes another envelope.
    pub const fn wrap(&mut self, envelope: Envelope) {
        self.envelope = envelope;
    }

    /// Sets the next sequence number.
    pub const fn restart(&mut self, seq: u8) {
        self.seq = seq;
        self.pulled = false;
    }

    /// Whether the card was pulled since the last call.
    pub const fn take_pulled(&mut self) -> bool {
        core::mem::replace(&mut self.pulled, false)
    }

    /// Sends a command and waits for its answer.
    ///
    /// A NAK says that the reader did not understand, so the frame goes out again, whatever it orders. A lost or damaged
    /// answer does not say whether the order was carried out: only what changes nothing is sent again, under a new
    /// number.
    ///
    /// # Errors
    /// `no-answer`, `not-this-protocol`, `garbled`, `port`.
    pub fn exchange(&mut self, command: &Command) -> Result<Answer, Error> {
        let mut tries = 0_u32;
        loop {
            tries = tries.saturating_add(1);
            let seq = self.seq;
            self.seq = seq.wrapping_add(1);
            let lost = match self.attempt(command, seq) {
                Ok(answer) => return Ok(answer),
                Err(lost) => lost,
            };
            let again = command.repeatable && tries < TRIES && matches!(lost, Lost::Damaged | Lost::Garbage);
            if !again {
                return Err(fault::lost(&lost, "ccid"));
            }
            self.port.log(Level::Warn, "damaged answer, the command is repeated");
            settle(&mut self.port).map_err(|lost| fault::lost(&lost, "ccid"))?;
        }
    }

    fn attempt(&mut self, command: &Command, seq: u8) -> Result<Answer, Lost> {
        let sent = Message { kind: command.kind, seq, specific: command.specific, data: command.data.clone() };
        let frame = sent.to_wire(self.envelope);
        let mut sends = 1_u32;
        self.port.write(&frame).map_err(Lost::Port)?;
        for _ in 0..ARRIVALS_MAX {
            match wire::receive(&mut self.port, self.envelope, command.wait_ms)? {
                Arrival::Accepted => {}
                Arrival::SlotChange(inserted) => self.pulled |= !inserted,
                Arrival::Nak if sends < TRIES => {
                    sends = sends.saturating_add(1);
                    self.port.write(&frame).map_err(Lost::Port)?;
                }
                Arrival::Nak => return Err(Lost::Damaged),
                // The echo of a reader that has one.
                Arrival::Message(message) if message == sent => {}
                Arrival::Message(message) if message.kind < 0x80 => return Err(Lost::Damaged),
                // An answer to something that was given up before.
                Arrival::Message(message) if message.seq != seq => {}
                Arrival::Message(message) if message.kind != command.answer => return Err(Lost::Garbage),
                Arrival::Message(Message { specific: [status, error, _], data, .. }) => match status >> 6 {
                    // Time extension: the answer is still to come.
                    2 => {}
                    failed => {
                        let error = (failed != 0).then_some(error);
                        return Ok(Answer { card: status & 3, error, data });
                    }
                },
            }
        }
        Err(Lost::Garbage)
    }
}
