//! Frames of the Towitoko readers. A command has no delimiter: its first bytes say how long it is, and a checksum
//! follows. At 115200 bits per second its length goes before it. An answer is data and a checksum.

use crate::reader::firmware::{Cut, Inbound};

/// The slot that the reader has, which is where the checksum of a command starts.
const SLOT: u8 = 0;
/// Where the checksum of an answer starts.
const ANSWER: u8 = 1;
/// The longest command: a write of 16 bytes between its first and its last byte.
const LONGEST: u8 = 18;

fn checksum(start: u8, bytes: &[u8]) -> u8 {
    bytes.iter().fold(start, |sum, byte| (sum ^ byte).rotate_left(1) ^ 1)
}

/// The bytes on the line; no data give the single byte that means "done".
pub(super) fn answer(mut data: Vec<u8>) -> Vec<u8> {
    data.push(checksum(ANSWER, &data));
    data
}

/// Whatever cannot be a command is noise; a known beginning with a wrong sum is damage, which is not answered.
pub(super) fn cut(bytes: &[u8]) -> Cut {
    let length = match bytes {
        [0x00 | 0x03 | 0x10..=0x1F, ..] => 1,
        [0x60 | 0x61, ..] => 2,
        [first @ 0x40..=0x4F, ..] => usize::from(first & 0x0F) + 3,
        [0x6F, ..] => 4,
        [0x6E, ..] => 5,
        [0x70, 0x80, ..] => 4,
        [0x72, 0x6E, ..] => 6,
        [0x73, 0x67, ..] => 7,
        [0x70, 0x64, ..] => 8,
        [0x70, 0xA0, ..] | [0x7C, 0x64, ..] => 9,
        [0x70 | 0x72 | 0x73 | 0x7C] => return Cut::More,
        _ => return Cut::Skip(1),
    };
    judge(bytes, 0, length)
}

/// As [`cut`], with the length before the command and in its sum.
pub(super) fn cut_counted(bytes: &[u8]) -> Cut {
    match bytes {
        [length @ 1..=LONGEST, ..] => judge(bytes, 1, usize::from(*length)),
        _ => Cut::Skip(1),
    }
}

fn judge(bytes: &[u8], before: usize, length: usize) -> Cut {
    let end = before + length;
    let Some((summed, [sum, ..])) = bytes.split_at_checked(end) else { return Cut::More };
    let command = summed.get(before..).filter(|_| checksum(SLOT, summed) == *sum);
    Cut::Take(end + 1, command.map_or(Inbound::Damaged(&[]), |command| Inbound::Command(command.to_vec())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        text.split(' ').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
    }

    #[test]
    fn every_command_known_is_cut_at_its_end_at_either_speed() {
        for text in [
            "00",
            "03",
            "60 0F",
            "61 0F",
            "6F 40 6A 0F",
            "6E 80 DD 00 08",
            "70 80 62 0F",
            "17",
            "70 64 42 30 00 00 65 0F",
            "72 6E 20 38 03 0F",
            "43 DE AD BE EF 0F",
            "70 A0 42 0E 00 00 80 50 0F",
            "73 67 6E 20 33 02 0F",
            "7C 64 41 A0 00 64 40 A1 0F",
        ] {
            let command = hex(text);
            let mut slow = command.clone();
            slow.push(checksum(0, &command));
            let mut counted = vec![u8::try_from(command.len()).unwrap()];
            counted.extend(&command);
            counted.push(checksum(0, &counted));
            let ways: [fn(&[u8]) -> Cut; 2] = [cut, cut_counted];
            for (cut, frame) in ways.into_iter().zip([slow, counted]) {
                assert_eq!(cut(&frame), Cut::Take(frame.len(), Inbound::Command(command.clone())), "{text}");
                for short in 1..frame.len() {
                    assert_eq!(cut(&frame[..short]), Cut::More, "{text}, {short} bytes");
                }
                let mut damaged = frame.clone();
                *damaged.last_mut().unwrap() ^= 0x10;
                assert_eq!(cut(&damaged), Cut::Take(frame.len(), Inbound::Damaged(&[])), "{text}");
            }
        }
    }

    #[test]
    fn sums_are_as_recorded() {
        assert_eq!(checksum(0, &hex("6E 80 DD 00 08")), 0x24);
        assert_eq!(checksum(0, &hex("08 70 64 42 30 00 00 65 0F")), 0xB1);
        assert_eq!(answer(hex("A2 13 10 91 FF FF FF FF")), hex("A2 13 10 91 FF FF FF FF E3"));
        assert_eq!(answer(vec![]), [1]);
    }
}
