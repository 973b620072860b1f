//! The cells of an SLE4442 in the middle of a write.
//!
//! To erase raises bits from 0 to 1, in any order; to program lowers them from 1 to 0, in any order. A byte that is torn
//! off while it is erased is `old | x` for any subset x of its zero bits, and while it is programmed `new | y` for any
//! subset y of the new value's zero bits.

/// One byte to write.
#[derive(Clone, Copy, Debug)]
pub struct Write {
    /// Where.
    pub offset: usize,
    /// What.
    pub value: u8,
}

/// The sealed order: erase the seal, write the changed bytes of the body in ascending order, set the seal.
#[must_use]
pub fn sealed(before: &[u8], target: &[u8], seal: usize) -> Vec<Write> {
    let body = before.iter().zip(target).enumerate();
    let body = body.filter(|(at, (old, new))| *at != seal && old != new);
    let body = body.map(|(offset, (_, new))| Write { offset, value: *new });
    let erase = Write { offset: seal, value: 0xFF };
    let set = target.get(seal).map(|value| Write { offset: seal, value: *value });
    std::iter::once(erase).chain(body).chain(set).collect()
}

/// Calls `each` with every value that the card can be left with: at every write every half value, and what stands after
/// the write.
pub fn every_state(before: &[u8], writes: &[Write], mut each: impl FnMut(&[u8])) {
    let mut cells = before.to_vec();
    for write in writes {
        let Some(old) = cells.get(write.offset).copied() else { continue };
        for half in supersets(old).chain(supersets(write.value)).chain(std::iter::once(write.value)) {
            if let Some(cell) = cells.get_mut(write.offset) {
                *cell = half;
            }
            each(&cells);
        }
    }
}

/// Calls `each` with the card after each whole write.
pub fn every_prefix(before: &[u8], writes: &[Write], mut each: impl FnMut(&[u8])) {
    let mut cells = before.to_vec();
    each(&cells);
    for write in writes {
        if let Some(cell) = cells.get_mut(write.offset) {
            *cell = write.value;
        }
        each(&cells);
    }
}

/// All values that have at least the bits of `value`.
fn supersets(value: u8) -> impl Iterator<Item = u8> {
    (0..=u8::MAX).filter(move |x| x & value == value)
}
