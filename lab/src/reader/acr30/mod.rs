//! The ACS ACR30 on a serial line: `02`, a message as hexadecimal text, `03`.
//!
//! Sources: ACR30 reference manual 3.3 of January 2009 for messages, commands and status words; openct has the same
//! framing. Decided here, because our extract of the manual does not say it:
//! * After READ_DATA of a SLE4442 there follow as many bytes of protection bits as cover what was read of the first 32
//!   bytes: none to four. (The variant appends all four always.)
//! * PRESENT_CODE answers the counter and the code as the card shows it (zeros unless verified), with status 6201 for a
//!   wrong code and 6705 once no try is left.
//! * A card that refuses (no code, a protected byte) gives 6020; a type that does not fit the card, 6003.
//! * Notices of cards that come and go are on until the host turns them off.

mod commands;
mod message;

use super::firmware::{Cut, Firmware, Inside};
use super::slot::Presence;
use message::Response;

/// What the reader remembers.
#[derive(Debug)]
pub(super) struct Acr30 {
    selected: Option<u8>,
    notices: bool,
}

impl Default for Acr30 {
    fn default() -> Self {
        Self { selected: None, notices: true }
    }
}

impl Firmware for Acr30 {
    fn cut(&self, bytes: &[u8]) -> Cut {
        message::cut(bytes)
    }

    fn carry_out(&mut self, command: &[u8], inside: &Inside<'_>) -> Vec<u8> {
        let response = match message::decode(command) {
            Some((instruction, data)) => self.obey(instruction, data, inside),
            None => Response::status(0x6703),
        };
        response.encode()
    }

    fn refusal(&self) -> &'static [u8] {
        &message::NAK
    }

    fn envelope(&self) -> usize {
        1
    }

    fn notice(&mut self, before: Presence, now: Presence) -> Vec<u8> {
        if !self.notices {
            return Vec::new();
        }
        let out = before.card.then(|| Response::status(0xFF02).encode());
        let inserted = now.card.then(|| Response::status(0xFF01).encode());
        out.into_iter().chain(inserted).flatten().collect()
    }

    fn greeting(&self) -> Vec<u8> {
        // 12h: 9600 bits per second.
        Response { status: 0xFF00, data: vec![0x12] }.encode()
    }
}
