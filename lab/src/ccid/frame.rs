//! The serial framing of the GemPC Twin: `03 06`, a CCID message, and the exclusive-or of everything before.
//!
//! Sources: the CCID 1.1 message set of the USB forum for the message, libccid's serial driver for the envelope.

use std::collections::VecDeque;

const SYNC: u8 = 0x03;
const ACK: u8 = 0x06;
const NAK: u8 = 0x15;
const HEADER: usize = 10;
/// Data bytes of the longest message taken; a length above it is noise.
const MAX_DATA: usize = 261;

/// What a reader sends instead of an answer to a damaged frame.
pub(super) const NAK_FRAME: [u8; 3] = [SYNC, NAK, SYNC ^ NAK];
/// Unframed notice: the slot is empty now.
pub(super) const CARD_OUT: [u8; 2] = [0x50, 0x02];
/// Unframed notice: a card is in the slot now.
pub(super) const CARD_IN: [u8; 2] = [0x50, 0x03];

/// One CCID message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) kind: u8,
    pub(super) slot: u8,
    pub(super) sequence: u8,
    pub(super) specific: [u8; 3],
    pub(super) data: Vec<u8>,
}

impl Message {
    /// The bytes on the line.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = vec![SYNC, ACK, self.kind];
        // A message never comes near the limit of its length field.
        out.extend(u32::try_from(self.data.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend([self.slot, self.sequence]);
        out.extend(self.specific);
        out.extend(&self.data);
        out.push(checksum(&out));
        out
    }
}

/// What arrived from the host.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Inbound {
    /// A whole frame, and its bytes for the echo.
    Message(Message, Vec<u8>),
    /// A whole frame with a wrong sum.
    Damaged(Vec<u8>),
    /// The host asks for the last answer again.
    Repeat,
}

/// Cuts a stream of bytes into frames; what is not one is skipped byte by byte.
#[derive(Debug, Default)]
pub(super) struct Parser {
    bytes: VecDeque<u8>,
}

impl Parser {
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

    pub(super) fn next(&mut self) -> Option<Inbound> {
        loop {
            let bytes: &[u8] = self.bytes.make_contiguous();
            match bytes {
                [] | [SYNC] | [SYNC, NAK] => return None,
                [SYNC, NAK, sum, ..] if *sum == SYNC ^ NAK => {
                    self.bytes.drain(..3);
                    return Some(Inbound::Repeat);
                }
                [SYNC, ACK, rest @ ..] => {
                    let [_, l0, l1, l2, l3, ..] = rest else { return None };
                    let length = u32::from_le_bytes([*l0, *l1, *l2, *l3]);
                    if let Some(length) = usize::try_from(length).ok().filter(|l| *l <= MAX_DATA) {
                        let whole = 2 + HEADER + length + 1;
                        if bytes.len() < whole {
                            return None;
                        }
                        let raw: Vec<u8> = self.bytes.drain(..whole).collect();
                        return Some(decode(raw));
                    }
                }
                _ => {}
            }
            self.bytes.pop_front();
        }
    }
}

fn decode(raw: Vec<u8>) -> Inbound {
    let message = match raw.as_slice() {
        [body @ .., sum] if *sum == checksum(body) => match body {
            [_, _, kind, _, _, _, _, slot, sequence, a, b, c, data @ ..] => Some(Message {
                kind: *kind,
                slot: *slot,
                sequence: *sequence,
                specific: [*a, *b, *c],
                data: data.to_vec(),
            }),
            _ => None,
        },
        _ => None,
    };
    match message {
        Some(message) => Inbound::Message(message, raw),
        None => Inbound::Damaged(raw),
    }
}

fn checksum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum ^ byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(data: Vec<u8>) -> Message {
        Message { kind: 0x6F, slot: 0, sequence: 7, specific: [1, 2, 3], data }
    }

    #[test]
    fn a_known_frame_is_coded_as_recorded() {
        let firmware = Message { kind: 0x6B, slot: 0, sequence: 0, specific: [0; 3], data: vec![2] };
        assert_eq!(firmware.encode(), [3, 6, 0x6B, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x6D]);
    }

    #[test]
    fn a_wrong_sum_is_said_and_a_mad_length_is_noise() {
        let mut raw = message(vec![1, 2, 3]).encode();
        *raw.last_mut().unwrap() ^= 1;
        let mut parser = Parser::default();
        parser.push(&raw);
        assert_eq!(parser.next(), Some(Inbound::Damaged(raw)));
        parser.push(&[3, 6, 0x6F, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0]);
        assert_eq!(parser.next(), None);
        parser.push(&NAK_FRAME);
        assert_eq!(parser.next(), Some(Inbound::Repeat));
        assert!(parser.is_empty());
    }

    proptest! {
        #[test]
        fn frames_survive_noise_and_any_cutting(
            noise in prop::collection::vec(4u8.., 0..20),
            data in prop::collection::vec(any::<u8>(), 0..MAX_DATA),
            cut in 1usize..40,
        ) {
            let mut stream = noise;
            stream.extend(message(data.clone()).encode());
            stream.extend(message(vec![]).encode());
            let mut parser = Parser::default();
            let mut got = Vec::new();
            for piece in stream.chunks(cut) {
                parser.push(piece);
                while let Some(inbound) = parser.next() {
                    got.push(inbound);
                }
            }
            let expected: Vec<_> =
                [data, vec![]].map(|d| Inbound::Message(message(d.clone()), message(d).encode())).into();
            prop_assert_eq!(got, expected);
        }
    }
}
