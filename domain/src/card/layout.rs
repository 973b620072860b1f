//! The field map of a card format: declared by the driver package, approved at activation, read by the host alone.

use serde::{Deserialize, Serialize};

use super::{CardImage, ERASED};

/// Name of the field that holds the quantity on the card.
pub const FIELD_QUANTITY: &str = "quantity";
/// Name of the field that holds the purchase number.
pub const FIELD_COUNT: &str = "count";
/// Name of the field that holds the meter's factory number.
pub const FIELD_METER_NO: &str = "meter-no";

/// A run of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ByteRange {
    /// First byte.
    pub offset: u32,
    /// Number of bytes.
    pub len: u32,
}

impl ByteRange {
    /// Whether `at` lies in it.
    #[must_use]
    pub fn contains(&self, at: u32) -> bool {
        at.checked_sub(self.offset).is_some_and(|into| into < self.len)
    }

    /// First byte after it; none if that does not fit 32 bits.
    #[must_use]
    pub const fn end(&self) -> Option<u32> {
        self.offset.checked_add(self.len)
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.contains(other.offset) || other.contains(self.offset)
    }
}

/// How a number is written on a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Coding {
    /// Packed decimal digits, most significant first.
    BcdBe,
    /// Binary, most significant byte first.
    UintBe,
}

/// One number on the card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// `quantity`, `count`, `meter-no`, `user-no`, ...
    pub name: String,
    /// First byte.
    pub offset: u32,
    /// Number of bytes.
    pub len: u32,
    /// How it is written.
    pub coding: Coding,
    /// Value of one step, in Wh for energies, else 1.
    pub step: i64,
}

impl Field {
    const fn range(&self) -> ByteRange {
        ByteRange { offset: self.offset, len: self.len }
    }
}

/// Where things are on a card of one format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// `sle4442`, ...
    pub chip: String,
    /// Bytes of readable memory.
    pub size: u32,
    /// Offset of the seal: a byte with one single valid value, the same before and after every write.
    pub seal_offset: u32,
    /// The valid value of the seal.
    pub seal_value: u8,
    /// The numbers that money depends on.
    pub fields: Vec<Field>,
    /// What the host may change.
    pub writable: Vec<ByteRange>,
    /// What the meter writes; the host leaves it alone.
    pub returned: Vec<ByteRange>,
}

/// Why a number cannot be read from an image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// The layout has no such field.
    #[error("the layout has no field {name}")]
    Unknown {
        /// The name asked for.
        name: String,
    },
    /// The image is not as long as the layout says.
    #[error("the image has {got} bytes instead of {expected}")]
    WrongSize {
        /// Bytes by the layout.
        expected: u32,
        /// Bytes of the image.
        got: usize,
    },
    /// The field reaches beyond the image.
    #[error("field {name} lies outside the image")]
    Outside {
        /// The field.
        name: String,
    },
    /// A half byte is not a decimal digit.
    #[error("not a decimal digit at offset {at}")]
    NotDecimal {
        /// Offset in the image.
        at: u32,
    },
    /// The number does not fit 64 bits.
    #[error("field {name} is too large")]
    Overflow {
        /// The field.
        name: String,
    },
}

/// Why a layout cannot be worked with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// A range is empty or reaches beyond the card.
    #[error("{what} at {offset} is empty or reaches beyond the card")]
    Outside {
        /// What it is.
        what: &'static str,
        /// Its offset.
        offset: u32,
    },
    /// The seal's valid value is that of an erased byte, so erasing would not break it.
    #[error("the seal's valid value is that of an erased byte")]
    SealIsErased,
    /// The host could not write the seal.
    #[error("the seal is not writable")]
    SealNotWritable,
    /// The seal is part of a number, which could change its value.
    #[error("the seal lies in field {name}")]
    SealInField {
        /// The field.
        name: String,
    },
    /// Bytes are both the host's and the meter's.
    #[error("bytes at {offset} are both writable and returned data")]
    Overlap {
        /// Offset of the range of returned data.
        offset: u32,
    },
    /// A field that money depends on is missing.
    #[error("the layout has no field {name}")]
    Missing {
        /// The field.
        name: &'static str,
    },
    /// Two fields have the same name.
    #[error("there are two fields {name}")]
    Twice {
        /// The name.
        name: String,
    },
    /// A field's step is not positive.
    #[error("the step of field {name} is not above 0")]
    Step {
        /// The field.
        name: String,
    },
    /// A field that money depends on lies in the returned data.
    #[error("field {name} lies in what the meter writes")]
    Returned {
        /// The field.
        name: String,
    },
}

impl Layout {
    /// The value of a field: digits x step, so Wh for energies.
    pub fn read(&self, image: &CardImage, name: &str) -> Result<i64, FieldError> {
        if !self.fits(image) {
            return Err(FieldError::WrongSize { expected: self.size, got: image.len() });
        }
        let field = self.field(name).ok_or_else(|| FieldError::Unknown { name: name.to_owned() })?;
        let bytes =
            image.slice(field.offset, field.len).ok_or_else(|| FieldError::Outside { name: name.to_owned() })?;
        let number = match field.coding {
            Coding::BcdBe => decimal(bytes, field)?,
            Coding::UintBe => bytes.iter().try_fold(0_i64, |sum, byte| append(sum, 256, *byte)),
        };
        number.and_then(|n| n.checked_mul(field.step)).ok_or_else(|| FieldError::Overflow { name: name.to_owned() })
    }

    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether the image is as long as the layout says.
    #[must_use]
    pub fn fits(&self, image: &CardImage) -> bool {
        usize::try_from(self.size).is_ok_and(|size| size == image.len())
    }

    /// Whether the seal of `image` has its valid value.
    #[must_use]
    pub fn is_sealed(&self, image: &CardImage) -> bool {
        image.at(self.seal_offset) == Some(self.seal_value)
    }

    /// Whether the host may change this byte.
    #[must_use]
    pub fn is_writable(&self, at: u32) -> bool {
        self.writable.iter().any(|range| range.contains(at))
    }

    /// Whether the meter writes this byte.
    #[must_use]
    pub fn is_returned(&self, at: u32) -> bool {
        self.returned.iter().any(|range| range.contains(at))
    }

    /// What a write, its repair and its proof need of it: where, and not what. Kept with every sale.
    #[must_use]
    pub fn without_fields(&self) -> Self {
        Self { fields: Vec::new(), ..self.clone() }
    }

    /// Whether this layout makes sense; a host checks it once, when a driver is activated.
    pub fn validate(&self) -> Result<(), LayoutError> {
        let seal = ByteRange { offset: self.seal_offset, len: 1 };
        self.inside("seal", seal)?;
        for range in &self.writable {
            self.inside("writable range", *range)?;
        }
        for range in &self.returned {
            self.inside("returned range", *range)?;
            if self.writable.iter().any(|writable| writable.overlaps(range)) {
                return Err(LayoutError::Overlap { offset: range.offset });
            }
        }
        if self.seal_value == ERASED {
            return Err(LayoutError::SealIsErased);
        }
        if !self.is_writable(self.seal_offset) {
            return Err(LayoutError::SealNotWritable);
        }
        for (index, field) in self.fields.iter().enumerate() {
            self.validate_field(field)?;
            if self.fields.iter().take(index).any(|earlier| earlier.name == field.name) {
                return Err(LayoutError::Twice { name: field.name.clone() });
            }
        }
        for name in [FIELD_QUANTITY, FIELD_COUNT, FIELD_METER_NO] {
            let field = self.field(name).ok_or(LayoutError::Missing { name })?;
            if self.returned.iter().any(|range| range.overlaps(&field.range())) {
                return Err(LayoutError::Returned { name: name.to_owned() });
            }
        }
        Ok(())
    }

    fn validate_field(&self, field: &Field) -> Result<(), LayoutError> {
        self.inside("field", field.range())?;
        if field.range().contains(self.seal_offset) {
            return Err(LayoutError::SealInField { name: field.name.clone() });
        }
        if field.step <= 0 {
            return Err(LayoutError::Step { name: field.name.clone() });
        }
        Ok(())
    }

    fn inside(&self, what: &'static str, range: ByteRange) -> Result<(), LayoutError> {
        let fits = range.len > 0 && range.end().is_some_and(|end| end <= self.size);
        if fits { Ok(()) } else { Err(LayoutError::Outside { what, offset: range.offset }) }
    }
}

/// None when it does not fit 64 bits.
fn decimal(bytes: &[u8], field: &Field) -> Result<Option<i64>, FieldError> {
    let mut sum = Some(0_i64);
    for (byte, at) in bytes.iter().zip(field.offset..) {
        let (high, low) = (byte >> 4, byte & 0x0f);
        if high > 9 || low > 9 {
            return Err(FieldError::NotDecimal { at });
        }
        sum = sum.and_then(|n| append(n, 10, high)).and_then(|n| append(n, 10, low));
    }
    Ok(sum)
}

fn append(sum: i64, base: i64, digit: u8) -> Option<i64> {
    sum.checked_mul(base)?.checked_add(i64::from(digit))
}
