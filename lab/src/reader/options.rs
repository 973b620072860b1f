//! Which reader is simulated, how it behaves, and misbehaves.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// What a reader speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Protocol {
    /// CCID messages in the serial envelope of the GemPC Twin, with the memory-card commands of ACS.
    #[default]
    CcidSerial,
    /// The same messages and commands in the "CCID-like" serial envelope of ACS.
    CcidAcs,
    /// ACS ACR30: hexadecimal text between 02 and 03.
    Acr30,
    /// Creator CRT-571: framed commands with receipts, several readers on a line.
    Crt571,
    /// Towitoko Chipdrive: the host shifts bits to the card through the reader.
    Towitoko,
}

/// The lab has no reader of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown protocol {0:?}: ccid-serial, ccid-acs, acr30, crt571 or towitoko")]
pub struct UnknownProtocol(String);

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::CcidSerial, Self::CcidAcs, Self::Acr30, Self::Crt571, Self::Towitoko];

    /// Its name, which is that of the reader driver for it where there is one of its own (`ccid-acs` is the second
    /// envelope of the driver `ccid-serial`).
    pub const fn id(self) -> &'static str {
        match self {
            Self::CcidSerial => "ccid-serial",
            Self::CcidAcs => "ccid-acs",
            Self::Acr30 => "acr30",
            Self::Crt571 => "crt571",
            Self::Towitoko => "towitoko",
        }
    }

    /// The line that the reader expects after it got power: bits per second, and data bits, parity and stop bits as
    /// usually written. A pseudo-terminal has neither, so this is for people.
    pub const fn line(self) -> (u32, &'static str) {
        match self {
            Self::CcidSerial => (115_200, "8N2"),
            Self::CcidAcs | Self::Acr30 | Self::Crt571 => (9_600, "8N1"),
            Self::Towitoko => (9_600, "8E2"),
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Protocol {
    type Err = UnknownProtocol;

    fn from_str(name: &str) -> Result<Self, UnknownProtocol> {
        Self::ALL.into_iter().find(|protocol| protocol.id() == name).ok_or_else(|| UnknownProtocol(name.to_owned()))
    }
}

/// Behaviour of a reader; can be changed while it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderOptions {
    /// What it speaks. A change takes effect when the reader gets its power anew.
    pub protocol: Protocol,
    /// `ccid-serial` only: sends the host's frame back before the answer, as the GemPC Twin does (libccid's GemPCTwin entry expects it).
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
    /// How many of a thousand good frames are refused before they are looked at: with the protocol's NAK, or in silence
    /// where it has none (`towitoko`).
    pub nak_permille: u16,
    /// How many of a thousand answers have one bit flipped on the line; the work is done all the same.
    pub corrupt_permille: u16,
    /// Follows the other reading where documents disagree or leave two: `crt571` begins a negative answer with 45h
    /// instead of 4Eh; `acr30` appends all four protection bytes to whatever is read of a SLE4442, and answers a
    /// reset with 9000 instead of 9010.
    pub variant: bool,
    /// Where the chances above are drawn from.
    pub seed: u64,
}

impl Default for ReaderOptions {
    /// A faultless GemPC Twin without delays.
    fn default() -> Self {
        Self {
            protocol: Protocol::CcidSerial,
            echo: true,
            slow_ms_per_byte: 0,
            cell_time: Duration::ZERO,
            silent: false,
            garbage: false,
            nak_permille: 0,
            corrupt_permille: 0,
            variant: false,
            seed: 1,
        }
    }
}

impl ReaderOptions {
    /// A faultless reader of this protocol.
    pub fn of(protocol: Protocol) -> Self {
        Self { protocol, ..Self::default() }
    }

    /// Slots of the model that this is; a card can only be in the first.
    pub(super) fn slots(&self) -> u8 {
        if self.protocol == Protocol::CcidSerial && !self.echo { 2 } else { 1 }
    }
}
