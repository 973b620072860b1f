//! What a reader is behind its line: bytes in, bytes out. One implementation for each protocol; pseudo-terminal, slot,
//! thread and faults are the same for all.

use super::options::ReaderOptions;
use super::slot::{Presence, Slot};
use std::fmt;

/// The reader's inside, while it carries a command out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inside<'a> {
    pub(super) slot: &'a Slot,
    pub(super) options: &'a ReaderOptions,
}

/// What arrived from the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Inbound {
    /// A whole command, out of its envelope.
    Command(Vec<u8>),
    /// A damaged frame, and what is answered to it: nothing, where the protocol has no refusal.
    Damaged(&'static [u8]),
    /// The host asks for the last answer again.
    Repeat,
}

/// What the bytes that have come so far are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cut {
    /// The beginning of something.
    More,
    /// So many bytes of noise.
    Skip(usize),
    /// So many bytes that are something.
    Take(usize, Inbound),
}

/// The protocol of a reader, with all that it remembers.
pub(super) trait Firmware: fmt::Debug + Send {
    /// What these bytes, never none, begin with.
    fn cut(&self, bytes: &[u8]) -> Cut;

    /// Carries a command out; the answer in its envelope.
    fn carry_out(&mut self, command: &[u8], inside: &Inside<'_>) -> Vec<u8>;

    /// What is sent when a good command has come, before it is carried out.
    fn receipt(&self) -> &'static [u8] {
        &[]
    }

    /// What is sent instead of looking at a command; nothing, where the protocol has no refusal.
    fn refusal(&self) -> &'static [u8];

    /// What is sent when a frame does not go on.
    fn stalled(&self) -> &'static [u8] {
        &[]
    }

    /// Bytes at the start of an answer without which it is no frame at all, but noise.
    fn envelope(&self) -> usize;

    /// Sends the host's frames back before it answers.
    fn echoes(&self) -> bool {
        false
    }

    /// Unasked word of a card that went or came.
    fn notice(&mut self, _before: Presence, _now: Presence) -> Vec<u8> {
        Vec::new()
    }

    /// Unasked word of a reader that has just got its power.
    fn greeting(&self) -> Vec<u8> {
        Vec::new()
    }

    /// The host has closed the port.
    fn host_gone(&mut self, _slot: &Slot) {}
}

/// Bytes from the line, on their way to be cut into frames.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    bytes: Vec<u8>,
}

impl Inbox {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    /// Forgets a frame that did not go on.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The next thing and its bytes; noise before it is dropped.
    pub(super) fn next(&mut self, cut: impl Fn(&[u8]) -> Cut) -> Option<(Inbound, Vec<u8>)> {
        while !self.bytes.is_empty() {
            match cut(&self.bytes) {
                Cut::More => return None,
                Cut::Skip(count) => drop(self.take(count)),
                Cut::Take(count, inbound) => return Some((inbound, self.take(count))),
            }
        }
        None
    }

    fn take(&mut self, count: usize) -> Vec<u8> {
        let rest = self.bytes.split_off(count.clamp(1, self.bytes.len()));
        std::mem::replace(&mut self.bytes, rest)
    }
}

/// The exclusive-or of all bytes, the checksum of most protocols.
pub(super) fn xor(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum ^ byte)
}
