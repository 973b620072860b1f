//! The serial envelope of the GemPC Twin: `03 06`, a CCID message, and the exclusive-or of everything before. Source:
//! libccid's serial driver.

use super::message::{Message, Size};
use crate::reader::firmware::{Cut, Inbound, xor};

const SYNC: u8 = 0x03;
const ACK: u8 = 0x06;
const NAK: u8 = 0x15;

/// What a reader sends instead of an answer to a damaged frame, and a host to have the last answer again.
pub(super) const NAK_FRAME: [u8; 3] = [SYNC, NAK, SYNC ^ NAK];
/// Unframed notice: the slot is empty now.
const CARD_OUT: [u8; 2] = [0x50, 0x02];
/// Unframed notice: a card is in the slot now.
const CARD_IN: [u8; 2] = [0x50, 0x03];

pub(super) fn cut(bytes: &[u8]) -> Cut {
    match bytes {
        [] | [SYNC] | [SYNC, NAK] => Cut::More,
        [SYNC, NAK, sum, ..] if *sum == SYNC ^ NAK => Cut::Take(3, Inbound::Repeat),
        [SYNC, ACK, rest @ ..] => match Message::size(rest) {
            Size::Unknown => Cut::More,
            Size::Mad => Cut::Skip(1),
            Size::Bytes(size) => match rest.get(..size).zip(rest.get(size)) {
                None => Cut::More,
                Some((message, sum)) if *sum == SYNC ^ ACK ^ xor(message) => {
                    Cut::Take(size + 3, Inbound::Command(message.to_vec()))
                }
                Some(_) => Cut::Take(size + 3, Inbound::Damaged(&NAK_FRAME)),
            },
        },
        _ => Cut::Skip(1),
    }
}

pub(super) fn wrap(message: &[u8]) -> Vec<u8> {
    let mut out = vec![SYNC, ACK];
    out.extend(message);
    out.push(xor(&out));
    out
}

/// A swap is told as both.
pub(super) fn notice(before: bool, now: bool) -> Vec<u8> {
    let out = before.then_some(CARD_OUT);
    out.into_iter().chain(now.then_some(CARD_IN)).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::super::message::MAX_DATA;
    use super::*;
    use crate::reader::firmware::Inbox;
    use proptest::prelude::*;

    fn message(data: Vec<u8>) -> Vec<u8> {
        Message { kind: 0x6F, slot: 0, sequence: 7, specific: [1, 2, 3], data }.encode()
    }

    #[test]
    fn a_known_frame_is_coded_as_recorded() {
        let firmware = Message { kind: 0x6B, slot: 0, sequence: 0, specific: [0; 3], data: vec![2] };
        assert_eq!(wrap(&firmware.encode()), [3, 6, 0x6B, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x6D]);
    }

    #[test]
    fn a_wrong_sum_is_said_and_a_mad_length_is_noise() {
        let mut raw = wrap(&message(vec![1, 2, 3]));
        *raw.last_mut().unwrap() ^= 1;
        let mut inbox = Inbox::default();
        inbox.push(&raw);
        assert_eq!(inbox.next(cut), Some((Inbound::Damaged(&NAK_FRAME), raw)));
        inbox.push(&[3, 6, 0x6F, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0]);
        assert_eq!(inbox.next(cut), None);
        inbox.push(&NAK_FRAME);
        assert_eq!(inbox.next(cut), Some((Inbound::Repeat, NAK_FRAME.to_vec())));
        assert!(inbox.is_empty());
    }

    proptest! {
        #[test]
        fn frames_survive_noise_and_any_cutting(
            noise in prop::collection::vec(4u8.., 0..20),
            data in prop::collection::vec(any::<u8>(), 0..MAX_DATA),
            pieces in 1usize..40,
        ) {
            let mut stream = noise;
            stream.extend(wrap(&message(data.clone())));
            stream.extend(wrap(&message(vec![])));
            let mut inbox = Inbox::default();
            let mut got = Vec::new();
            for piece in stream.chunks(pieces) {
                inbox.push(piece);
                while let Some((inbound, _)) = inbox.next(cut) {
                    got.push(inbound);
                }
            }
            let expected: Vec<_> = [data, vec![]].map(|d| Inbound::Command(message(d))).into();
            prop_assert_eq!(got, expected);
        }
    }
}
