//! Card images of the shape that the drivers use: identity, one sealed purchase frame, returned data.

use dianka_domain::card::{CardImage, Layout, WritePlan};
use dianka_lab::sle4442::Sle4442;

pub const SEAL: usize = 0x40;
pub const SEALED: u8 = 0x68;
pub const TRANSPORT: [u8; 3] = [0xFF; 3];
pub const CODE: [u8; 3] = [0xA1, 0xB2, 0xC3];

/// As the maker delivers it.
pub fn blank() -> Vec<u8> {
    Sle4442::blank().image()
}

/// Purchase `number`: every byte of the frame depends on it.
pub fn purchase(number: u8) -> Vec<u8> {
    let mut image = blank();
    for (at, byte) in image.iter_mut().enumerate().skip(0x20).take(0x43) {
        let at = u8::try_from(at).unwrap();
        *byte = if at < 0x3E { at } else { at.wrapping_mul(31).wrapping_add(number.wrapping_mul(57)) };
    }
    image[SEAL] = SEALED;
    image
}

pub fn layout() -> Layout {
    serde_json::from_value(serde_json::json!({
        "chip": "sle4442", "size": 256, "seal_offset": SEAL, "seal_value": SEALED, "fields": [],
        "writable": [{"offset": 0x20, "len": 0xA0}], "returned": [{"offset": 0xC0, "len": 0x40}],
    }))
    .unwrap()
}

pub fn plan(before: &[u8], target: &[u8]) -> WritePlan {
    if before == target {
        // What is there was never seen to end.
        return WritePlan::refresh(&layout());
    }
    let image = |bytes: &[u8]| CardImage::new(bytes.to_vec());
    WritePlan::build(&image(before), &image(target), &layout()).unwrap()
}

/// A card with this content.
pub fn card(image: &[u8], code: [u8; 3], counter: u8) -> Sle4442 {
    Sle4442::with(image, code, counter)
}
