//! Serial CCID: the messages of a USB card reader in one of two serial envelopes, with the memory-card commands of ACS
//! behind them.
//!
//! No reader with the first envelope and these commands can be bought: readers with the framing of the GemPC Twin work
//! CPU cards, and the ACS memory-card readers are USB. It is a peer to test against, because Debian's own driver (pcscd
//! with libccid) speaks the framing. The second envelope is that of ACS's serial readers, which are mostly contactless.

mod acs;
mod apdu;
mod device;
mod gem_pc;
mod message;

use super::firmware::{Cut, Firmware, Inside};
use super::slot::Presence;
use device::Device;
use message::Message;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Envelope {
    GemPc,
    Acs,
}

/// A reader with CCID messages.
#[derive(Debug)]
pub(super) struct Ccid {
    envelope: Envelope,
    device: Device,
}

impl Ccid {
    /// In the envelope of the GemPC Twin.
    pub(super) fn gem_pc() -> Self {
        Self { envelope: Envelope::GemPc, device: Device::new(device::GEM_PC_FIRMWARE) }
    }

    /// In the envelope of ACS.
    pub(super) fn acs() -> Self {
        Self { envelope: Envelope::Acs, device: Device::new(device::ACS_FIRMWARE) }
    }
}

impl Firmware for Ccid {
    fn cut(&self, bytes: &[u8]) -> Cut {
        match self.envelope {
            Envelope::GemPc => gem_pc::cut(bytes),
            Envelope::Acs => acs::cut(bytes),
        }
    }

    fn carry_out(&mut self, command: &[u8], inside: &Inside<'_>) -> Vec<u8> {
        // Both envelopes let whole messages through only.
        let Some(asked) = Message::decode(command) else { return Vec::new() };
        let answer = self.device.answer(inside, &asked).encode();
        match self.envelope {
            Envelope::GemPc => gem_pc::wrap(&answer),
            Envelope::Acs => acs::wrap(&answer),
        }
    }

    fn receipt(&self) -> &'static [u8] {
        match self.envelope {
            Envelope::GemPc => &[],
            Envelope::Acs => &acs::TAKEN,
        }
    }

    fn refusal(&self) -> &'static [u8] {
        match self.envelope {
            Envelope::GemPc => &gem_pc::NAK_FRAME,
            Envelope::Acs => &acs::BAD_SUM,
        }
    }

    fn stalled(&self) -> &'static [u8] {
        match self.envelope {
            Envelope::GemPc => &[],
            Envelope::Acs => &acs::TIMED_OUT,
        }
    }

    fn envelope(&self) -> usize {
        match self.envelope {
            Envelope::GemPc => 2,
            Envelope::Acs => 1,
        }
    }

    fn echoes(&self) -> bool {
        self.envelope == Envelope::GemPc
    }

    fn notice(&mut self, before: Presence, now: Presence) -> Vec<u8> {
        match self.envelope {
            Envelope::GemPc => gem_pc::notice(before.card, now.card),
            // The host finds out by asking for the slot's state.
            Envelope::Acs => Vec::new(),
        }
    }
}
