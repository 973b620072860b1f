//! Check sums of card frames and serial lines.

/// Sum modulo 256: the CS of a GB/T 18460 or DL/T 645 frame.
#[must_use]
pub fn sum8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

/// XOR of all bytes: the LRC of serial CCID, the BCC of many readers.
#[must_use]
pub fn xor8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum ^ byte)
}

/// CRC-16/IBM-3740 ("CCITT-FALSE"): polynomial 1021h, start FFFFh, not reflected, no final XOR.
#[must_use]
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(
            crc ^ (u16::from(*byte) << 8),
            |crc, _| {
                if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        // The check value of CRC-16/IBM-3740 in the public catalogue of parametrised CRCs.
        assert_eq!(crc16(b"123456789"), 0x29B1);
        assert_eq!(sum8(&[0x01, 0x07, 0x00, 0x00, 0x01, 0x61, 0x00, 0x00, 0x30]), 0x9A);
        assert_eq!(xor8(&[0x03, 0x06, 0x6B, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0x02]), 0x6D);
    }
}
