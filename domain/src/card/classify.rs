//! What a card shows of an operation that was begun on it: by comparison alone, without the driver.

use serde::{Deserialize, Serialize};

use super::{CardImage, Layout};

/// What a card shows of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// As it was before.
    Old,
    /// As it shall be.
    New,
    /// Torn off in between: the seal is broken, whatever the operation does not change is as it was, and every byte that it
    /// changes is on a way between its two values. No meter takes such a card; writing the target over it repairs it.
    /// Two operations may have begun alike, so one card can be torn for both: then a person says whose it is.
    Torn,
    /// None of these: another card, or a card that something else has written.
    Other,
}

/// Compares a card as it is now with an operation's images. What the meter writes is left out of the comparison: it may
/// have written since.
#[must_use]
pub fn classify(current: &CardImage, before: &CardImage, target: &CardImage, layout: &Layout) -> Seen {
    if ![current, before, target].iter().all(|image| layout.fits(image)) {
        return Seen::Other;
    }
    if same_but_returned(current, target, layout) {
        return Seen::New;
    }
    if same_but_returned(current, before, layout) {
        return Seen::Old;
    }
    let broken = !layout.is_sealed(current);
    let rest_as_it_was = triples(current, before, target)
        .filter(|(at, ..)| *at != layout.seal_offset && !layout.is_returned(*at))
        .all(|(_, now, old, new)| if old == new { now == old } else { is_between(now, old, new) });
    if broken && rest_as_it_was { Seen::Torn } else { Seen::Other }
}

/// Whether a cell that is changed from one byte to another may hold this when it is torn off. Erasing sets bits of the old
/// byte, programming clears bits that the new one does not have: what is left has all the bits of one of them.
const fn is_between(now: u8, old: u8, new: u8) -> bool {
    now & old == old || now & new == new
}

/// Whether all of the target but its seal is there: what is changed besides the content (a password) is changed between
/// the two, so it may have been.
#[must_use]
pub fn body_is_there(current: &CardImage, target: &CardImage, layout: &Layout) -> bool {
    let pairs = current.bytes().iter().zip(target.bytes());
    layout.fits(current)
        && layout.fits(target)
        && (0_u32..).zip(pairs).all(|(at, (x, y))| x == y || at == layout.seal_offset || layout.is_returned(at))
}

fn same_but_returned(a: &CardImage, b: &CardImage, layout: &Layout) -> bool {
    (0_u32..).zip(a.bytes().iter().zip(b.bytes())).all(|(at, (x, y))| x == y || layout.is_returned(at))
}

fn triples<'a>(
    current: &'a CardImage,
    before: &'a CardImage,
    target: &'a CardImage,
) -> impl Iterator<Item = (u32, u8, u8, u8)> + 'a {
    let images = current.bytes().iter().zip(before.bytes()).zip(target.bytes());
    (0_u32..).zip(images).map(|(at, ((now, old), new))| (at, *now, *old, *new))
}
