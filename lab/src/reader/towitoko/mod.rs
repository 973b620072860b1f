//! The Towitoko Chipdrive: the host moves bits to and from the card through the reader, with the card's own commands.
//!
//! Sources: two independent public drivers (cprados/towitoko-linux, OpenSC/openct), and a transcript of the first one
//! with a simulator that it accepted (`tests/vectors/towitoko_sle4442.txt`). Decided here, because no public document
//! says it:
//! * A damaged or unknown frame is passed over in silence, since the protocol has no refusal. So is everything that
//!   comes in the framing of the other speed.
//! * The reader does not know what the card makes of its bits: a write to a card that refuses, or that is not there, is
//!   answered like any other, and a read gives the `FF` of an open line. The host finds out by reading back, and by the
//!   bits of the status (40h there, 80h changed since the status was last asked for).
//! * It lives on the lines of the port: when the host closes it, reader and card lose their power, and the line is at
//!   9600 again.

mod commands;
mod frame;

use super::firmware::{Cut, Firmware, Inside};
use super::slot::{Presence, Slot};

/// Where the next bytes from the host go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Nowhere,
    /// To a 2-wire card, with this command, from this address on.
    TwoWire {
        command: u8,
        address: u8,
    },
    /// To a 3-wire card, with this operation, from this address on.
    ThreeWire {
        operation: u8,
        address: u16,
    },
}

/// What the reader remembers.
#[derive(Debug)]
pub(super) struct Towitoko {
    /// At 115200 each command has its length before it.
    counted: bool,
    /// What the card would send next.
    outgoing: std::vec::IntoIter<u8>,
    target: Target,
    /// The slot as the host saw it last.
    seen: Option<Presence>,
}

impl Default for Towitoko {
    fn default() -> Self {
        Self { counted: false, outgoing: Vec::new().into_iter(), target: Target::Nowhere, seen: None }
    }
}

impl Firmware for Towitoko {
    fn cut(&self, bytes: &[u8]) -> Cut {
        if self.counted { frame::cut_counted(bytes) } else { frame::cut(bytes) }
    }

    fn carry_out(&mut self, command: &[u8], inside: &Inside<'_>) -> Vec<u8> {
        // From the start of the line on, so that a card that was in before the first question is not a change.
        self.seen.get_or_insert_with(|| inside.slot.presence());
        self.obey(command, inside).map_or_else(Vec::new, frame::answer)
    }

    fn refusal(&self) -> &'static [u8] {
        &[]
    }

    fn envelope(&self) -> usize {
        0
    }

    fn host_gone(&mut self, slot: &Slot) {
        *self = Self::default();
        let _ = slot.with(|card| {
            card.power_off();
            Ok(())
        });
    }
}
