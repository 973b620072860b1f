//! The order in which a card is written: erase the seal, write the changed body, verify it, write the seal.
//!
//! Wherever the card is torn off, it shows the old content, the new content, or a broken seal, which no meter takes. The
//! plan is built by the host from the two images; the driver has no say in it.

use serde::{Deserialize, Serialize};

use super::{ByteRange, CardImage, Layout};

/// Value of an erased byte.
pub const ERASED: u8 = 0xff;

/// One step of writing a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum Step {
    /// Write [`ERASED`] to the seal.
    EraseSeal {
        /// Where.
        offset: u32,
    },
    /// Write a run of changed bytes.
    WriteBody {
        /// First byte.
        offset: u32,
        /// What to write.
        bytes: Vec<u8>,
    },
    /// Read these and compare with the target; on a difference write them again, at most twice, or stop with the seal
    /// erased.
    VerifyBody {
        /// Everything but the seal.
        ranges: Vec<ByteRange>,
    },
    /// Write the seal's valid value.
    WriteSeal {
        /// Where.
        offset: u32,
        /// What.
        value: u8,
    },
    /// Switch the card off and on, which ends the access that its password gave.
    PowerCycle,
    /// Read the whole card twice; both must be the same.
    ReadTwice,
}

/// Why no plan can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WritePlanError {
    /// An image is not as long as the layout says.
    #[error("an image has {got} bytes instead of {expected}")]
    WrongSize {
        /// Bytes by the layout.
        expected: u32,
        /// Bytes of the image.
        got: usize,
    },
    /// The target's seal does not have its valid value.
    #[error("the target is not sealed")]
    TargetNotSealed,
    /// The target changes bytes that the meter writes.
    #[error("byte {at} is the meter's to write")]
    ReturnedTouched {
        /// First such byte.
        at: u32,
    },
    /// The target changes bytes that nobody may write.
    #[error("byte {at} is not writable")]
    NotWritable {
        /// First such byte.
        at: u32,
    },
}

impl WritePlanError {
    /// Stable code for logs and driver reports.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongSize { .. } => "card.image_size",
            Self::TargetNotSealed => "card.target_not_sealed",
            Self::ReturnedTouched { .. } => "card.returned_touched",
            Self::NotWritable { .. } => "card.not_writable",
        }
    }
}

/// The steps that lead from one image to another. Empty when there is nothing to write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WritePlan {
    steps: Vec<Step>,
}

impl WritePlan {
    /// From what is on the card now (`before`, which may be torn or blank) to what shall be on it.
    pub fn build(before: &CardImage, target: &CardImage, layout: &Layout) -> Result<Self, WritePlanError> {
        for image in [before, target] {
            if !layout.fits(image) {
                return Err(WritePlanError::WrongSize { expected: layout.size, got: image.len() });
            }
        }
        if before == target {
            return Ok(Self { steps: Vec::new() });
        }
        if !layout.is_sealed(target) {
            return Err(WritePlanError::TargetNotSealed);
        }
        let mut runs: Vec<(u32, Vec<u8>)> = Vec::new();
        for (at, (old, new)) in (0_u32..).zip(before.bytes().iter().zip(target.bytes())) {
            if old == new {
                continue;
            }
            if layout.is_returned(at) {
                return Err(WritePlanError::ReturnedTouched { at });
            }
            if !layout.is_writable(at) {
                return Err(WritePlanError::NotWritable { at });
            }
            if at != layout.seal_offset {
                append(&mut runs, at, *new);
            }
        }
        let body = runs.into_iter().map(|(offset, bytes)| Step::WriteBody { offset, bytes });
        Ok(Self::around_seal(body, layout))
    }

    /// The seal once more, over a card that shows `target` but whose writing was not seen to its end: the last cell may be
    /// weak, and a chip skips a write that changes nothing.
    #[must_use]
    pub fn refresh(layout: &Layout) -> Self {
        Self::around_seal(std::iter::empty(), layout)
    }

    fn around_seal(body: impl Iterator<Item = Step>, layout: &Layout) -> Self {
        let mut steps = vec![Step::EraseSeal { offset: layout.seal_offset }];
        steps.extend(body);
        steps.extend([
            Step::VerifyBody { ranges: all_but_seal(layout) },
            Step::WriteSeal { offset: layout.seal_offset, value: layout.seal_value },
            Step::PowerCycle,
            Step::ReadTwice,
        ]);
        Self { steps }
    }

    /// The steps, in order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether there is nothing to write (so the password need not be presented either).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Number of bytes written, with both writes of the seal.
    #[must_use]
    pub fn writes(&self) -> usize {
        let of = |step: &Step| match step {
            Step::EraseSeal { .. } | Step::WriteSeal { .. } => 1,
            Step::WriteBody { bytes, .. } => bytes.len(),
            Step::VerifyBody { .. } | Step::PowerCycle | Step::ReadTwice => 0,
        };
        self.steps.iter().map(of).fold(0, usize::saturating_add)
    }
}

fn append(runs: &mut Vec<(u32, Vec<u8>)>, at: u32, byte: u8) {
    match runs.last_mut() {
        Some((offset, bytes)) if u32::try_from(bytes.len()).is_ok_and(|len| offset.checked_add(len) == Some(at)) => {
            bytes.push(byte);
        }
        _ => runs.push((at, vec![byte])),
    }
}

fn all_but_seal(layout: &Layout) -> Vec<ByteRange> {
    let after = layout.seal_offset.saturating_add(1);
    let parts = [
        ByteRange { offset: 0, len: layout.seal_offset },
        ByteRange { offset: after, len: layout.size.saturating_sub(after) },
    ];
    parts.into_iter().filter(|range| range.len > 0).collect()
}
