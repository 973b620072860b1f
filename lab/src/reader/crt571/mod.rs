//! The Creator CRT-571 and its kin (QUIO QU-TK-F3): framed commands, each with a receipt first.
//!
//! Sources: QUIO Communication Protocol 1.03 of 2019-01-10; an independent public client (syntech-pro/crt571) agrees on
//! framing, commands, states and error codes. Decided here, because our extract of the protocol does not say it:
//! * The card is always in reach of the contacts; commands that move cards do nothing, or are refused where a card would
//!   have to go (error `03`).
//! * A card that is pulled or absent gives `63`, one without power `65`, one of another chip `62`.
//! * The data of the three status commands and of the card-type command: see `commands.rs`.
//! * I²C cards: `54 30` powers, `54 33` and `54 34` take `00 B0 ah al n` and `00 D0 ah al n data`.
//! * A negative answer begins with 4Eh. (One document writes 45h; the variant does.)
//! * Frames for another address are passed over in silence.

mod apdu;
mod commands;
mod frame;

use super::firmware::{Cut, Firmware, Inside};

/// The reader; it remembers nothing that the card does not.
#[derive(Debug)]
pub(super) struct Crt571;

impl Firmware for Crt571 {
    fn cut(&self, bytes: &[u8]) -> Cut {
        frame::cut(bytes)
    }

    fn carry_out(&mut self, command: &[u8], inside: &Inside<'_>) -> Vec<u8> {
        frame::wrap(&commands::obey(command, inside))
    }

    fn receipt(&self) -> &'static [u8] {
        &[frame::ACK]
    }

    fn refusal(&self) -> &'static [u8] {
        &frame::REFUSED
    }

    fn envelope(&self) -> usize {
        1
    }
}
