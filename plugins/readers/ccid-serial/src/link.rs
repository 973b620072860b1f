//! One command and its answer.

use dianka_sdk::reader::driver::{Error, ErrorKind};
use dianka_sdk::reader::{Level, Port};

use crate::fault::{fault, port as port_fault};
use crate::wire::{self, Arrival, Lost, Message};

/// A frame is sent at most so often.
const TRIES: u32 = 3;
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
    seq: u8,
    /// A notice said that the card was pulled.
    pulled: bool,
}

impl<P: Port> Link<P> {
    /// A link over a port that was not configured yet.
    pub const fn new(port: P) -> Self {
        Self { port, seq: 0, pulled: false }
    }

    /// The port, to configure it.
    pub const fn port(&mut self) -> &mut P {
        &mut self.port
    }

    /// The port again, when the session is over.
    pub fn into_port(self) -> P {
        self.port
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
                return Err(explain(&lost));
            }
            self.port.log(Level::Warn, "damaged answer, the command is repeated");
            self.port.flush_input().map_err(|error| port_fault(&error))?;
        }
    }

    fn attempt(&mut self, command: &Command, seq: u8) -> Result<Answer, Lost> {
        let sent = Message { kind: command.kind, seq, specific: command.specific, data: command.data.clone() };
        let frame = sent.to_wire();
        let mut sends = 1_u32;
        self.port.write(&frame).map_err(Lost::Port)?;
        for _ in 0..ARRIVALS_MAX {
            match wire::receive(&mut self.port, command.wait_ms)? {
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

fn explain(lost: &Lost) -> Error {
    match lost {
        Lost::Silence => fault(ErrorKind::NoAnswer, "timeout", "the reader does not answer"),
        Lost::Garbage => fault(ErrorKind::NotThisProtocol, "not-ccid", "what came back is not serial CCID"),
        Lost::Damaged => fault(ErrorKind::Garbled, "damaged", "the reader's frames arrive damaged"),
        Lost::Port(error) => port_fault(error),
    }
}
