//! The "CCID-like" serial envelope of ACS: `02`, a CCID message, the exclusive-or of the message, `03`. Source: the
//! manuals of ACR122S (2.01), ACR122L and ACR1281S, which agree.
//!
//! The reader first says in a frame of its own whether it took the command, then answers. Ours, where the manuals are
//! silent: a mad length is refused at once and all that has come is thrown away; a frame that does not go on for half a
//! second is refused with `99`; the refusal on order is the wrong checksum.

use super::message::{Message, Size};
use crate::reader::firmware::{Cut, Inbound, xor};

const START: u8 = 0x02;
const END: u8 = 0x03;

/// The command was taken.
pub(super) const TAKEN: [u8; 4] = status(0x00);
/// The checksum is wrong.
pub(super) const BAD_SUM: [u8; 4] = status(0xFF);
const BAD_LENGTH: [u8; 4] = status(0xFE);
const BAD_END: [u8; 4] = status(0xFD);
const BAD_SLOT: [u8; 4] = status(0xFB);
/// The command did not go on.
pub(super) const TIMED_OUT: [u8; 4] = status(0x99);

/// What a host sends to have the last answer again, between start and end.
const NAK: [u8; 11] = [0; 11];

const fn status(code: u8) -> [u8; 4] {
    [START, code, code, END]
}

pub(super) fn cut(bytes: &[u8]) -> Cut {
    let [START, rest @ ..] = bytes else { return Cut::Skip(1) };
    let size = match Message::size(rest) {
        Size::Unknown => return Cut::More,
        Size::Mad => return Cut::Take(bytes.len(), Inbound::Damaged(&BAD_LENGTH)),
        Size::Bytes(size) => size,
    };
    let Some((message, [sum, end, ..])) = rest.split_at_checked(size) else { return Cut::More };
    let inbound = match message {
        _ if *end != END => Inbound::Damaged(&BAD_END),
        _ if *sum != xor(message) => Inbound::Damaged(&BAD_SUM),
        _ if rest.starts_with(&NAK) => Inbound::Repeat,
        [_, _, _, _, _, 1..=0xFF, ..] => Inbound::Damaged(&BAD_SLOT),
        _ => Inbound::Command(message.to_vec()),
    };
    Cut::Take(size + 3, inbound)
}

pub(super) fn wrap(message: &[u8]) -> Vec<u8> {
    let mut out = vec![START];
    out.extend(message);
    out.extend([xor(message), END]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the ACR122S manual.
    const POWER_ON: [u8; 13] = [2, 0x62, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0x62, 3];

    #[test]
    fn the_frame_of_the_manual_is_taken_and_its_nak_is_known() {
        assert_eq!(cut(&POWER_ON), Cut::Take(13, Inbound::Command(POWER_ON[1..11].to_vec())));
        assert_eq!(wrap(&POWER_ON[1..11]), POWER_ON);
        assert_eq!(cut(&[2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3]), Cut::Take(13, Inbound::Repeat));
        for short in 1..13 {
            assert_eq!(cut(&POWER_ON[..short]), Cut::More, "{short} bytes");
        }
    }

    #[test]
    fn every_kind_of_damage_has_its_status() {
        for (at, byte, status) in [(11, 0x63, BAD_SUM), (12, 4, BAD_END), (1, 0x63, BAD_SUM)] {
            let mut frame = POWER_ON;
            frame[at] = byte;
            let Cut::Take(13, Inbound::Damaged(said)) = cut(&frame) else { panic!("byte {at}") };
            assert_eq!(said, status, "byte {at}");
        }
        let mut frame = POWER_ON;
        (frame[6], frame[11]) = (1, 0x63);
        assert_eq!(cut(&frame), Cut::Take(13, Inbound::Damaged(&BAD_SLOT)));
        assert_eq!(cut(&[2, 0x6F, 0xFF, 0xFF, 0, 0, 9]), Cut::Take(7, Inbound::Damaged(&BAD_LENGTH)));
    }
}
