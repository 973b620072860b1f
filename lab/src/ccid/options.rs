//! How a simulated reader behaves, and misbehaves.

use std::time::Duration;

/// Behaviour of a reader; can be changed while it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderOptions {
    /// Sends the host's frame back before the answer, as the GemPC Twin does (libccid's GemPCTwin entry expects it).
    /// Without it this is a GemCore SIM Pro, which has a second slot; that one is always empty here.
    pub echo: bool,
    /// Pause after each byte sent, in milliseconds. A pseudo-terminal has no pace of its own.
    pub slow_ms_per_byte: u32,
    /// Time of one cell operation. 2.5 ms in silicon; zero makes tests fast.
    pub cell_time: Duration,
    /// Answers nothing at all: a dead reader, or a port with nothing behind it.
    pub silent: bool,
    /// Answers noise instead of frames: another kind of device.
    pub garbage: bool,
    /// How many of a thousand good frames are refused with NAK before they are looked at.
    pub nak_permille: u16,
    /// How many of a thousand answers have one bit flipped on the line; the work is done all the same.
    pub corrupt_permille: u16,
    /// Where the chances above are drawn from.
    pub seed: u64,
}

impl Default for ReaderOptions {
    /// A faultless GemPC Twin without delays.
    fn default() -> Self {
        Self {
            echo: true,
            slow_ms_per_byte: 0,
            cell_time: Duration::ZERO,
            silent: false,
            garbage: false,
            nak_permille: 0,
            corrupt_permille: 0,
            seed: 1,
        }
    }
}

impl ReaderOptions {
    /// Slots of the model that this is.
    pub(super) fn slots(&self) -> u8 {
        if self.echo { 1 } else { 2 }
    }
}
