//! The plain block: kind 4 bits, chance 4, identifier 24, amount 16, check sum 16.

/// What a block says, whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Kind within its class, 4 bits.
    pub subclass: u8,
    /// Chance, 4 bits.
    pub chance: u8,
    /// Identifier, 24 bits.
    pub identifier: u32,
    /// Amount or code, 16 bits.
    pub data: u16,
}

impl Block {
    /// The 64 bits. What does not fit its field is cut off; the callers give what fits.
    #[must_use]
    pub fn to_bytes(self, class: u8) -> [u8; 8] {
        let [_, i0, i1, i2] = self.identifier.to_be_bytes();
        let [d0, d1] = self.data.to_be_bytes();
        let first = (self.subclass << 4) | (self.chance & 0x0F);
        let [c0, c1] = check_sum(&[class, first, i0, i1, i2, d0, d1]);
        [first, i0, i1, i2, d0, d1, c0, c1]
    }

    /// `None` if the check sum is wrong: another meter's key, a wrong digit, or a class that was changed.
    #[must_use]
    pub fn from_bytes(class: u8, bytes: [u8; 8]) -> Option<Self> {
        let [first, i0, i1, i2, d0, d1, c0, c1] = bytes;
        (check_sum(&[class, first, i0, i1, i2, d0, d1]) == [c0, c1]).then_some(Self {
            subclass: first >> 4,
            chance: first & 0x0F,
            identifier: u32::from_be_bytes([0, i0, i1, i2]),
            data: u16::from_be_bytes([d0, d1]),
        })
    }
}

/// CRC-16/MODBUS (polynomial A001h, start FFFFh), low byte first.
fn check_sum(bytes: &[u8]) -> [u8; 2] {
    let step = |crc: u16, _| if crc & 1 == 0 { crc >> 1 } else { (crc >> 1) ^ 0xA001 };
    let crc = bytes.iter().fold(0xFFFF, |crc, byte| (0..8).fold(crc ^ u16::from(*byte), step));
    crc.to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_value_of_the_crc() {
        // The check value of CRC-16/MODBUS in the public catalogue of parametrised CRCs.
        assert_eq!(check_sum(b"123456789"), 0x4B37_u16.to_le_bytes());
    }

    #[test]
    fn the_block_of_case_1() {
        let block = Block { subclass: 0, chance: 5, identifier: 0x59_982C, data: 1 };
        let bytes = [0x05, 0x59, 0x98, 0x2C, 0x00, 0x01, 0x28, 0x31];
        assert_eq!(block.to_bytes(0), bytes);
        assert_eq!(Block::from_bytes(0, bytes), Some(block));
    }

    #[test]
    fn one_wrong_bit_is_found() {
        let bytes = Block { subclass: 1, chance: 5, identifier: 0x5A_2F2B, data: 0xFFFF }.to_bytes(2);
        for bit in 0..64 {
            let wrong = (u64::from_be_bytes(bytes) ^ (1 << bit)).to_be_bytes();
            assert_eq!(Block::from_bytes(2, wrong), None, "{bit}");
        }
        assert_eq!(Block::from_bytes(0, bytes), None);
    }
}
