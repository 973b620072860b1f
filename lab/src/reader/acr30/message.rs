//! Messages of the ACR30: `01`, instruction, length, data, exclusive-or of all of it; as text on the line.

use crate::reader::firmware::{Cut, Inbound, xor};

const START: u8 = 0x02;
const END: u8 = 0x03;
const HEADER: u8 = 0x01;
const AGAIN: u8 = 0x05;
/// "Send that again", from either side.
pub(super) const NAK: [u8; 2] = [AGAIN, AGAIN];
/// Characters of the longest message taken.
const MAX_TEXT: usize = 2 * (6 + 512);

/// Status and data of a response, or of an unasked word of the reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) data: Vec<u8>,
}

impl Response {
    pub(super) fn status(status: u16) -> Self {
        Self { status, data: Vec::new() }
    }

    pub(super) fn ok(data: Vec<u8>) -> Self {
        Self { status: 0x9000, data }
    }

    /// The bytes on the line.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut message = vec![HEADER];
        message.extend(self.status.to_be_bytes());
        match u8::try_from(self.data.len()) {
            Ok(length) if length < 0xFF => message.push(length),
            _ => {
                message.push(0xFF);
                // An answer never comes near the limit of its length field.
                message.extend(u16::try_from(self.data.len()).unwrap_or(u16::MAX).to_be_bytes());
            }
        }
        message.extend(&self.data);
        message.push(xor(&message));
        wrap(&message)
    }
}

fn wrap(message: &[u8]) -> Vec<u8> {
    let mut out = vec![START];
    out.extend(hex::encode_upper(message).into_bytes());
    out.push(END);
    out
}

pub(super) fn cut(bytes: &[u8]) -> Cut {
    let text = match bytes {
        [AGAIN] => return Cut::More,
        [AGAIN, AGAIN, ..] => return Cut::Take(2, Inbound::Repeat),
        [START, text @ ..] => text,
        _ => return Cut::Skip(1),
    };
    let Some(length) = text.iter().position(|byte| *byte == END) else {
        return if text.len() > MAX_TEXT { Cut::Skip(1) } else { Cut::More };
    };
    // Letters of either case, as the manual has it.
    let message = text.get(..length).and_then(|text| hex::decode(text).ok());
    let whole = message.filter(|message| message.len() >= 4 && xor(message) == 0);
    Cut::Take(length + 2, whole.map_or(Inbound::Damaged(&NAK), Inbound::Command))
}

/// Instruction and data of a message whose sum is right; none where its length is not.
pub(super) fn decode(message: &[u8]) -> Option<(u8, &[u8])> {
    let [HEADER, instruction, rest @ .., _sum] = message else { return None };
    let (length, data) = match rest {
        [0xFF, high, low, data @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), data),
        [length, data @ ..] => (usize::from(*length), data),
        [] => return None,
    };
    (data.len() == length).then_some((*instruction, data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_messages_of_the_manual_are_coded_as_printed() {
        let wire = [0x02, 0x30, 0x31, 0x41, 0x32, 0x30, 0x31, 0x33, 0x44, 0x39, 0x46, 0x03];
        assert_eq!(wrap(&[0x01, 0xA2, 0x01, 0x3D, 0x9F]), wire);
        assert_eq!(cut(&wire), Cut::Take(12, Inbound::Command(vec![0x01, 0xA2, 0x01, 0x3D, 0x9F])));
        assert_eq!(decode(&[0x01, 0xA2, 0x01, 0x3D, 0x9F]), Some((0xA2, &[0x3D][..])));
        assert_eq!(decode(&[0x01, 0x91, 0x03, 0x11, 0x22, 0x33, 0x93]), Some((0x91, &[0x11, 0x22, 0x33][..])));
        let response = Response::ok(vec![0x11, 0x22, 0x33]).encode();
        assert_eq!(response, wrap(&[0x01, 0x90, 0x00, 0x03, 0x11, 0x22, 0x33, 0x92]));
        assert_eq!(Response::status(0xFF01).encode(), wrap(&[0x01, 0xFF, 0x01, 0x00, 0xFF]));
        assert_eq!(Response::status(0xFF02).encode(), wrap(&[0x01, 0xFF, 0x02, 0x00, 0xFC]));
    }

    #[test]
    fn long_data_have_a_long_length_and_damage_is_said() {
        let long = Response::ok(vec![0; 255]).encode();
        assert_eq!(long[..15], *b"\x02019000FF00FF00");
        let mut command = vec![0x01, 0x91, 0xFF, 0x01, 0x02];
        command.extend([0x5A; 258]);
        command.push(xor(&command));
        assert_eq!(decode(&command).map(|(instruction, data)| (instruction, data.len())), Some((0x91, 258)));
        for damaged in [&b"\x0201010001\x03"[..], b"\x02010x0000\x03", b"\x0201010\x03", b"\x02\x03"] {
            assert_eq!(cut(damaged), Cut::Take(damaged.len(), Inbound::Damaged(&NAK)), "{damaged:?}");
        }
        assert_eq!(cut(b"\x0201010000\x03"), Cut::Take(10, Inbound::Command(vec![1, 1, 0, 0])));
        assert_eq!(cut(b"\x020101aa"), Cut::More);
        assert_eq!(cut(&NAK), Cut::Take(2, Inbound::Repeat));
    }
}
