//! Frames of the CRT-571: `F2`, address, length of the text (two bytes, high first), text, `03`, exclusive-or of
//! everything before.

use crate::reader::firmware::{Cut, Inbound, xor};

const START: u8 = 0xF2;
const END: u8 = 0x03;
/// The first byte of a command.
const COMMAND: u8 = 0x43;
const ADDRESS: u8 = 0;
/// Text of the longest command taken; a length above it is noise.
const MAX_TEXT: usize = 512;

pub(super) const ACK: u8 = 0x06;
const NAK: u8 = 0x15;
/// What is sent instead of the receipt for a damaged frame.
pub(super) const REFUSED: [u8; 1] = [NAK];

/// Host's receipts and its "clear the line" need no answer: they are passed over with the noise.
pub(super) fn cut(bytes: &[u8]) -> Cut {
    let text = match bytes {
        [NAK, ..] => return Cut::Take(1, Inbound::Repeat),
        [START, _, high, low, text @ ..] => match usize::from(u16::from_be_bytes([*high, *low])) {
            length @ 3..=MAX_TEXT => text.split_at_checked(length),
            _ => return Cut::Skip(1),
        },
        [START, ..] => None,
        _ => return Cut::Skip(1),
    };
    let Some((text, [end, sum, ..])) = text else { return Cut::More };
    let whole = text.len() + 6;
    let good = *end == END && bytes.get(..whole - 1).is_some_and(|summed| xor(summed) == *sum);
    if bytes.get(1) != Some(&ADDRESS) {
        return Cut::Skip(if good { whole } else { 1 });
    }
    Cut::Take(
        whole,
        match text {
            [COMMAND, ..] if good => Inbound::Command(text.to_vec()),
            _ => Inbound::Damaged(&REFUSED),
        },
    )
}

pub(super) fn wrap(text: &[u8]) -> Vec<u8> {
    let mut out = vec![START, ADDRESS];
    // A text never comes near the limit of its length field.
    out.extend(u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend(text);
    out.push(END);
    out.push(xor(&out));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_frames_are_coded_as_computed() {
        for (text, frame) in [
            (&[0x43, 0x30, 0x33][..], &[0xF2, 0, 0, 3, 0x43, 0x30, 0x33, 3, 0xB2][..]),
            (&[0x43, 0x53, 0x30], &[0xF2, 0, 0, 3, 0x43, 0x53, 0x30, 3, 0xD2]),
            (&[0x43, 0x53, 0x33, 0, 0xB0, 2, 0, 4], &[0xF2, 0, 0, 8, 0x43, 0x53, 0x33, 0, 0xB0, 2, 0, 4, 3, 0x6C]),
        ] {
            assert_eq!(wrap(text), frame);
            assert_eq!(cut(frame), Cut::Take(frame.len(), Inbound::Command(text.to_vec())));
            for short in 1..frame.len() {
                assert_eq!(cut(&frame[..short]), Cut::More, "{short} bytes");
            }
        }
    }

    #[test]
    fn damage_is_refused_and_frames_for_others_are_not() {
        let mut frame = wrap(&[0x43, 0x30, 0x33]);
        *frame.last_mut().unwrap() ^= 1;
        assert_eq!(cut(&frame), Cut::Take(9, Inbound::Damaged(&REFUSED)));
        let mut other = wrap(&[0x43, 0x30, 0x33]);
        (other[1], other[8]) = (1, 0xB3);
        assert_eq!(cut(&other), Cut::Skip(9));
        assert_eq!(cut(&[ACK]), Cut::Skip(1));
        assert_eq!(cut(&[NAK, ACK]), Cut::Take(1, Inbound::Repeat));
        assert_eq!(cut(&[START, 0, 0xFF, 0xFF]), Cut::Skip(1));
    }
}
