//! The frame of GB/T 18460: `68 · command · length · data · sum · 16`, high byte first. The sum is modulo 256 over
//! command, length and data. A frame that does not check out is discarded.

use dianka_sdk::bcd;
use dianka_sdk::checksum::sum8;
use dianka_sdk::meter::types::Refusal;

use crate::fields::{self, Values};
use crate::profile::{FrameSpec, LengthCoding};
use crate::refuse::{refuse, refuse_at};

/// First byte of every frame; on the card it is the seal.
pub const START: u8 = 0x68;
/// Last byte of every frame.
pub const END: u8 = 0x16;
/// Bytes before the data.
pub const HEAD: usize = 3;

/// The whole frame.
///
/// # Errors
/// As [`fields::write`]; `unsupported` if the data are too long for the length byte.
pub fn build(spec: &FrameSpec, values: &Values, length: LengthCoding) -> Result<Vec<u8>, Refusal> {
    let Some(coded) = coded_length(spec, length) else {
        return Err(refuse("unsupported", "the frame is too long for its length byte"));
    };
    let mut out = vec![START, spec.command, coded];
    fields::write(spec.fields, values, &mut out)?;
    out.push(sum8(out.get(1..).unwrap_or_default()));
    out.push(END);
    Ok(out)
}

/// Reads the frame at the head of `area`, which stands at `offset` on the card.
///
/// # Errors
/// `bad-field` for a wrong start, command, length, end or number; `checksum` for a wrong sum.
pub fn parse(spec: &FrameSpec, area: &[u8], offset: usize, length: LengthCoding) -> Result<Values, Refusal> {
    let data_len = fields::len(spec.fields);
    let sum_at = HEAD.saturating_add(data_len);
    let (Some(head), Some(data), Some([sum, end])) =
        (area.get(..HEAD), area.get(HEAD..sum_at), area.get(sum_at..sum_at.saturating_add(2)))
    else {
        return Err(refuse_at("bad-field", offset, "the area is too short for its frame"));
    };
    let wanted = [Some(START), Some(spec.command), coded_length(spec, length)];
    for (at, (found, wanted)) in head.iter().zip(wanted).enumerate() {
        if Some(*found) != wanted {
            return Err(refuse_at("bad-field", offset.saturating_add(at), "start, command or length of the frame"));
        }
    }
    let sum_offset = offset.saturating_add(sum_at);
    if *end != END {
        return Err(refuse_at("bad-field", sum_offset.saturating_add(1), "end of the frame"));
    }
    if *sum != sum8(area.get(1..sum_at).unwrap_or_default()) {
        return Err(refuse_at("checksum", sum_offset, "sum of the frame"));
    }
    fields::read(spec.fields, data, offset.saturating_add(HEAD))
}

fn coded_length(spec: &FrameSpec, length: LengthCoding) -> Option<u8> {
    let len = u8::try_from(fields::len(spec.fields)).ok()?;
    match length {
        LengthCoding::Bin => Some(len),
        LengthCoding::Bcd => {
            let mut coded = [0];
            bcd::encode(u64::from(len), &mut coded).then_some(coded[0])
        }
    }
}
