//! MISTY1: a block cipher of 64 bits with a key of 128 bits and eight rounds. RFC 2994; the names are that document's.

mod tables;

use zeroize::Zeroizing;

use self::tables::{S7, S9};

/// Bytes of a block.
pub(crate) const BLOCK: usize = 8;
/// Bytes of a key.
pub(crate) const KEY: usize = 16;

/// The cipher under one key. Its expanded key is wiped when it is dropped, and it cannot be printed.
pub struct Misty1 {
    /// The key in words: EK[0] to EK[7] of the RFC.
    key: Zeroizing<[u16; 8]>,
    /// Each word through FI with the word after it: EK[8] to EK[15].
    mixed: Zeroizing<[u16; 8]>,
}

impl Misty1 {
    /// The name of the cipher in a key rule.
    pub const NAME: &'static str = "misty1";

    /// Expands a key.
    #[must_use]
    pub fn new(key: &[u8; KEY]) -> Self {
        let mut words = Zeroizing::new([0; 8]);
        let (pairs, _) = key.as_chunks::<2>();
        for (word, pair) in words.iter_mut().zip(pairs) {
            *word = u16::from_be_bytes(*pair);
        }
        let mut mixed = Zeroizing::new([0; 8]);
        for (i, word) in mixed.iter_mut().enumerate() {
            *word = fi(at(&words, i), at(&words, i.wrapping_add(1)));
        }
        Self { key: words, mixed }
    }

    /// Encrypts one block.
    #[must_use]
    pub fn encrypt(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        let (mut d0, mut d1) = halves(block);
        for round in [0, 2, 4, 6] {
            d0 = self.fl(d0, round);
            d1 = self.fl(d1, round + 1);
            d1 ^= self.fo(d0, round);
            d0 ^= self.fo(d1, round + 1);
        }
        d0 = self.fl(d0, 8);
        d1 = self.fl(d1, 9);
        whole(d1, d0)
    }

    /// Decrypts one block.
    #[must_use]
    pub fn decrypt(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        let (mut d1, mut d0) = halves(block);
        d0 = self.fl_inverse(d0, 8);
        d1 = self.fl_inverse(d1, 9);
        for round in [6, 4, 2, 0] {
            d0 ^= self.fo(d1, round + 1);
            d1 ^= self.fo(d0, round);
            d0 = self.fl_inverse(d0, round);
            d1 = self.fl_inverse(d1, round + 1);
        }
        whole(d0, d1)
    }

    fn fo(&self, input: u32, k: usize) -> u32 {
        let (mut t0, mut t1) = split(input);
        t0 ^= at(&self.key, k);
        t0 = fi(t0, at(&self.mixed, k + 5));
        t0 ^= t1;
        t1 ^= at(&self.key, k + 2);
        t1 = fi(t1, at(&self.mixed, k + 1));
        t1 ^= t0;
        t0 ^= at(&self.key, k + 7);
        t0 = fi(t0, at(&self.mixed, k + 3));
        t0 ^= t1;
        t1 ^= at(&self.key, k + 4);
        join(t1, t0)
    }

    fn fl(&self, input: u32, k: usize) -> u32 {
        let (mut d0, mut d1) = split(input);
        let (and, or) = self.masks(k);
        d1 ^= d0 & and;
        d0 ^= d1 | or;
        join(d0, d1)
    }

    fn fl_inverse(&self, input: u32, k: usize) -> u32 {
        let (mut d0, mut d1) = split(input);
        let (and, or) = self.masks(k);
        d0 ^= d1 | or;
        d1 ^= d0 & and;
        join(d0, d1)
    }

    /// The two key words of FL number `k`.
    fn masks(&self, k: usize) -> (u16, u16) {
        let half = k / 2;
        if k.is_multiple_of(2) {
            (at(&self.key, half), at(&self.mixed, half + 6))
        } else {
            (at(&self.mixed, half + 2), at(&self.key, half + 4))
        }
    }
}

fn fi(input: u16, key: u16) -> u16 {
    let (mut d9, mut d7) = (input >> 7, input & 0x7f);
    d9 = s9(d9) ^ d7;
    d7 = s7(d7) ^ (d9 & 0x7f);
    d7 ^= key >> 9;
    d9 ^= key & 0x1ff;
    d9 = s9(d9) ^ d7;
    (d7 << 9) | d9
}

/// The masks keep both indices inside their tables.
fn s7(input: u16) -> u16 {
    #[cfg(test)]
    tests::read(7, input & 0x7f);
    S7.get(usize::from(input & 0x7f)).copied().map_or(0, u16::from)
}

fn s9(input: u16) -> u16 {
    #[cfg(test)]
    tests::read(9, input & 0x1ff);
    S9.get(usize::from(input & 0x1ff)).copied().unwrap_or(0)
}

/// Key words follow each other in a ring.
fn at(words: &[u16; 8], index: usize) -> u16 {
    words.get(index % 8).copied().unwrap_or(0)
}

fn split(word: u32) -> (u16, u16) {
    let [a, b, c, d] = word.to_be_bytes();
    (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]))
}

fn join(high: u16, low: u16) -> u32 {
    (u32::from(high) << 16) | u32::from(low)
}

fn halves(block: [u8; BLOCK]) -> (u32, u32) {
    let [a, b, c, d, e, f, g, h] = block;
    (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]))
}

fn whole(high: u32, low: u32) -> [u8; BLOCK] {
    ((u64::from(high) << 32) | u64::from(low)).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    use super::*;
    use crate::dkga04;
    use crate::dkga04::tests::{CASE_1_BLOCK, VENDING};

    thread_local! {
        /// Entries of the tables that were looked up: width of the table, input.
        static READ: RefCell<BTreeSet<(u32, u16)>> = const { RefCell::new(BTreeSet::new()) };
    }

    pub(super) fn read(table: u32, input: u16) {
        READ.with_borrow_mut(|read| read.insert((table, input)));
    }

    fn cipher() -> Misty1 {
        Misty1::new(&0x0011_2233_4455_6677_8899_aabb_ccdd_eeff_u128.to_be_bytes())
    }

    #[test]
    fn the_two_blocks_of_rfc_2994() {
        let pairs =
            [(0x0123_4567_89ab_cdef_u64, 0x8b1d_a5f5_6ab3_d07c_u64), (0xfedc_ba98_7654_3210, 0x04b6_8240_b13b_e95d)];
        for (plain, coded) in pairs {
            assert_eq!(cipher().encrypt(plain.to_be_bytes()), coded.to_be_bytes());
            assert_eq!(cipher().decrypt(coded.to_be_bytes()), plain.to_be_bytes());
        }
    }

    #[test]
    fn what_is_encrypted_decrypts() {
        let (mut key, mut block) = (1_u128, 2_u64);
        for _ in 0..1000 {
            key = key.wrapping_mul(0xda94_2042_e4dd_58b5_6c07_8965_1b5d_7a39).wrapping_add(1);
            block = block.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            let cipher = Misty1::new(&key.to_be_bytes());
            let coded = cipher.encrypt(block.to_be_bytes());
            assert_ne!(coded, block.to_be_bytes());
            assert_eq!(cipher.decrypt(coded), block.to_be_bytes());
        }
    }

    /// Greatest number of input bits that any output bit depends on as a product.
    fn degree(mut table: Vec<u16>) -> u32 {
        for bit in 0..table.len().ilog2() {
            for i in 0..table.len() {
                if i & (1 << bit) != 0 {
                    table[i] ^= table[i ^ (1 << bit)];
                }
            }
        }
        (0..table.len()).filter(|i| table[*i] != 0).map(usize::count_ones).max().unwrap()
    }

    /// MISTY's designers chose permutations of degree 3 and 2; one mistyped entry breaks both properties.
    #[test]
    fn the_tables_are_what_their_design_says() {
        let (s7, s9): (Vec<u16>, Vec<u16>) = (S7.iter().copied().map(u16::from).collect(), S9.to_vec());
        for table in [&s7, &s9] {
            let mut sorted = table.clone();
            sorted.sort_unstable();
            assert!(sorted.into_iter().eq(0..u16::try_from(table.len()).unwrap()));
        }
        assert_eq!((degree(s7), degree(s9)), (3, 2));
    }

    /// Over how many dimensions the inputs of a table that were looked up spread, among the polynomials of a degree: products
    /// of at most `degree` input bits. As many as there are such products: no two polynomials agree at all of them.
    fn spread(width: u32, degree: u32) -> (usize, usize) {
        let products: Vec<u16> = (0..1 << width).filter(|bits: &u16| bits.count_ones() <= degree).collect();
        let inputs = READ.with_borrow(|read| {
            read.iter().filter(|(table, _)| *table == width).map(|(_, input)| *input).collect::<Vec<_>>()
        });
        let mut base: Vec<u64> = Vec::new();
        for input in inputs {
            let mut row = (0..)
                .zip(&products)
                .fold(0, |row, (at, product)| if input & product == *product { row | 1_u64 << at } else { row });
            for known in &base {
                row = row.min(row ^ known);
            }
            if row != 0 {
                base.push(row);
            }
        }
        (base.len(), products.len())
    }

    /// The designers' degrees (3 and 2) leave 64 and 46 coefficients for each output bit. The published blocks look up so many
    /// different entries that these entries determine all coefficients: a table of that degree that gives the published
    /// blocks through these entries is the published table, not merely one like it.
    #[test]
    fn the_published_blocks_and_the_degree_leave_no_other_tables() {
        READ.with_borrow_mut(BTreeSet::clear);
        the_two_blocks_of_rfc_2994();
        assert_eq!(spread(9, 2), (46, 46), "S9 by RFC 2994 alone");
        // Tokens 1 and 4 of STS 531-1: the data of the key, the plain block, the cipher block.
        let other =
            "04023034023933023131023031000406313233343537013201311230303030303130303030303030303030383200000080";
        for (data, plain, coded) in
            [(CASE_1_BLOCK, "0559982c00012831", "38269a8e59319817"), (other, "055998400001e82c", "613d580fec8d6d54")]
        {
            let key = dkga04::derive(&hex::decode(VENDING).unwrap(), &hex::decode(data).unwrap()).unwrap();
            let plain = hex::decode(plain).unwrap().try_into().unwrap();
            assert_eq!(hex::encode(Misty1::new(&key).encrypt(plain)), coded);
        }
        assert_eq!((spread(7, 3), spread(9, 2)), ((64, 64), (46, 46)));
    }
}
