//! What a token driver says about its tokens, and whether that can be worked with: the host must know every coding by
//! itself, or it could not check a token.

use dianka_domain::units::MeterEnergy;

use super::token_kind;
use crate::text::{Text, check, check_both, check_count, check_optional};

/// How class and cipher block become digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigitsCoding {
    /// `sts-66`: 20 digits of a number of 66 bits.
    Sts66,
}

/// How a number stands in the plain block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmountCoding {
    /// `uint-be`.
    UintBe,
    /// `sts-amount`: 2 bits of exponent, 14 of mantissa.
    StsAmount,
}

/// A number within the plain block. Bit 0 is the highest bit of the first byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BitField {
    /// First bit.
    pub offset: u32,
    /// Bits.
    pub len: u32,
    /// How it is to be read.
    pub coding: AmountCoding,
    /// Value of one.
    pub step: i64,
}

/// A kind of token that the driver makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenKind {
    /// Its id.
    pub id: String,
    /// For people.
    pub name: Text,
    /// The class that stands in clear on the token.
    pub class: u8,
    /// What the amount counts: `Wh`, `W`, ... or empty for a code.
    pub unit: String,
}

/// What the host checks every token by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFacts {
    /// Digits of every token.
    pub digits: u32,
    /// How they come about.
    pub digits_coding: DigitsCoding,
    /// Bytes of a block.
    pub block_len: u32,
    /// Where a credit has its energy.
    pub amount: BitField,
    /// Where every token has its identifier.
    pub identifier: BitField,
    /// All multiples of the amount's step up to here exist.
    pub exact_up_to_wh: MeterEnergy,
    /// The greatest energy of one token.
    pub most_wh: MeterEnergy,
    /// What can be made.
    pub kinds: Vec<TokenKind>,
}

impl TokenFacts {
    /// Whether the host can work with these.
    pub(crate) fn validate(&self) -> Result<(), String> {
        match self.digits_coding {
            DigitsCoding::Sts66 if (self.digits, self.block_len) == (20, 8) => {}
            DigitsCoding::Sts66 => return Err("sts-66 has 20 digits and blocks of 8 bytes".to_owned()),
        }
        self.amount.validate("amount", self.block_len)?;
        self.identifier.validate("identifier", self.block_len)?;
        if self.identifier.coding != AmountCoding::UintBe || self.identifier.step != 1 {
            return Err("the identifier is a plain number".to_owned());
        }
        if !self.exact_up_to_wh.is_positive() || self.most_wh < self.exact_up_to_wh {
            return Err("exact-up-to-wh and most-wh leave nothing to sell".to_owned());
        }
        check_count("token kinds", self.kinds.len(), 1)?;
        self.kinds.iter().try_for_each(TokenKind::validate)?;
        let mut ids: Vec<&str> = self.kinds.iter().map(|kind| kind.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        let credit = self.kind(token_kind()).is_some_and(|kind| kind.unit == "Wh");
        if ids.len() != self.kinds.len() || !credit {
            return Err("the kinds are different ones, and credit in Wh is one of them".to_owned());
        }
        Ok(())
    }

    /// The kind of this id.
    #[must_use]
    pub fn kind(&self, id: &str) -> Option<&TokenKind> {
        self.kinds.iter().find(|kind| kind.id == id)
    }
}

impl TokenKind {
    fn validate(&self) -> Result<(), String> {
        check("the id of a token kind", &self.id)?;
        check_both("the name of a token kind", &self.name)?;
        check_optional("the unit of a token kind", &self.unit)
    }
}

impl BitField {
    fn validate(&self, what: &str, block_len: u32) -> Result<(), String> {
        let end = self.offset.checked_add(self.len);
        let inside = end.is_some_and(|end| end <= block_len.saturating_mul(8)) && (1..=63).contains(&self.len);
        let whole = self.coding != AmountCoding::StsAmount || self.len == 16;
        if inside && whole && self.step > 0 {
            return Ok(());
        }
        Err(format!("the {what} does not lie in a block, or has no step"))
    }
}
