//! What an operation is about, fixed from its preparation on, and the end states that need no more.

use serde::{Deserialize, Serialize};

use crate::card::{CardImage, Layout, Seen, WritePlan, WritePlanError, classify};
use crate::ledger::{LedgerError, SaleFigures};
use crate::units::MeterEnergy;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);
    };
}

id! {
    /// A card operation, by the id that its client made.
    OpId(u128)
}
id! {
    /// A meter.
    MeterId(u128)
}
id! {
    /// A workstation. One that lost its journal comes back under another id (R15).
    StationId(u128)
}
id! {
    /// A card session: from an insertion to the next removal, reader reset or station start.
    SessionId(u128)
}
id! {
    /// A person.
    OperatorId(u128)
}
id! {
    /// The server's own rising number of an event (ticket issued, fence received, card read): it orders events where a
    /// clock must not.
    EventNo(u64)
}

/// What an operation writes a card for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpKind {
    /// A sale; the only kind that carries money.
    Sale,
    /// The last or a skipped purchase again, onto the account's card.
    Reissue,
    /// A new card for a lost, locked or damaged one.
    Replace,
    /// The first card of an account, without a purchase.
    Open,
    /// An operation's old image back onto its card, before it is voided.
    Restore,
    /// A clear card 清零卡.
    Clear,
    /// A preset card 预置卡.
    Preset,
    /// A check card 查电卡.
    Check,
}

/// Where an operation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpState {
    /// Intended.
    Prepared,
    /// Paid and durable.
    Authorised,
    /// Done.
    Committed,
    /// Proven undone.
    Voided,
    /// Given up before it began.
    Cancelled,
}

/// A number that nothing is stored under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nothing is stored under {0}")]
pub struct UnknownCode(pub i16);

impl OpKind {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Sale, Self::Reissue, Self::Replace, Self::Open, Self::Restore, Self::Clear, Self::Preset, Self::Check];

    /// Its number in storage; never changed, never used again.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Sale => 1,
            Self::Reissue => 2,
            Self::Replace => 3,
            Self::Open => 4,
            Self::Restore => 5,
            Self::Clear => 6,
            Self::Preset => 7,
            Self::Check => 8,
        }
    }

    /// Whether it puts a purchase that was sold before onto a card again.
    #[must_use]
    pub const fn repeats(self) -> bool {
        matches!(self, Self::Reissue | Self::Replace)
    }
}

impl TryFrom<i16> for OpKind {
    type Error = UnknownCode;
    fn try_from(code: i16) -> Result<Self, Self::Error> {
        Self::ALL.into_iter().find(|kind| kind.code() == code).ok_or(UnknownCode(code))
    }
}

impl OpState {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Prepared, Self::Authorised, Self::Committed, Self::Voided, Self::Cancelled];

    /// Its number in storage; never changed, never used again.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Prepared => 1,
            Self::Authorised => 2,
            Self::Committed => 3,
            Self::Voided => 4,
            Self::Cancelled => 5,
        }
    }

    /// Whether the operation still needs something.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Prepared | Self::Authorised)
    }
}

impl TryFrom<i16> for OpState {
    type Error = UnknownCode;
    fn try_from(code: i16) -> Result<Self, Self::Error> {
        Self::ALL.into_iter().find(|state| state.code() == code).ok_or(UnknownCode(code))
    }
}

/// What an operation is about. Frozen: a repair writes the same target again, byte for byte, and needs no driver (R13).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: OpId,
    /// What it writes a card for.
    pub kind: OpKind,
    /// The meter.
    pub meter: MeterId,
    /// The meter's period, since numbers begin again after a clear.
    pub period: u32,
    /// The purchase number on the card.
    pub count: u32,
    /// The quantity on the card.
    pub quantity: MeterEnergy,
    /// Generation of the account's card that it is written to.
    pub card_generation: u32,
    /// The whole card as it was read.
    pub before: CardImage,
    /// The whole card as it shall be.
    pub target: CardImage,
    /// What the customer pays and gets; for a sale and nothing else.
    pub sale: Option<SaleFigures>,
}

/// Why an order makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// A sale without figures.
    #[error("a sale needs its figures")]
    SaleWithoutFigures,
    /// Money in an operation that is no sale.
    #[error("only a sale carries money")]
    FiguresWithoutSale,
    /// A sale without a number.
    #[error("a sale has a purchase number from 1 on")]
    NoCount,
    /// The figures do not add up.
    #[error(transparent)]
    Figures(#[from] LedgerError),
}

impl Order {
    /// Whether kind, number and figures fit together.
    pub fn validate(&self) -> Result<(), OrderError> {
        match (self.kind, &self.sale) {
            (OpKind::Sale, None) => return Err(OrderError::SaleWithoutFigures),
            (OpKind::Sale, Some(_)) if self.count == 0 => return Err(OrderError::NoCount),
            (OpKind::Sale, Some(figures)) => figures.check()?,
            (_, Some(_)) => return Err(OrderError::FiguresWithoutSale),
            (_, None) => {}
        }
        Ok(())
    }

    /// What a card shows of this operation.
    #[must_use]
    pub fn classify(&self, current: &CardImage, layout: &Layout) -> Seen {
        classify(current, &self.before, &self.target, layout)
    }

    /// How to get from what is on the card now to the frozen target. What the meter wrote since stays.
    pub fn repair(&self, current: &CardImage, layout: &Layout) -> Result<WritePlan, WritePlanError> {
        WritePlan::build(current, &self.target_on(current, layout), layout)
    }

    /// How to get from what is on the card now back to how it was. What the meter wrote since stays.
    pub fn restore(&self, current: &CardImage, layout: &Layout) -> Result<WritePlan, WritePlanError> {
        WritePlan::build(current, &with_returned(&self.before, current, layout), layout)
    }

    /// The frozen target with the returned data that are on the card now: the image that a repair's ticket names.
    #[must_use]
    pub fn target_on(&self, current: &CardImage, layout: &Layout) -> CardImage {
        with_returned(&self.target, current, layout)
    }
}

fn with_returned(image: &CardImage, current: &CardImage, layout: &Layout) -> CardImage {
    if image.len() != current.len() {
        return image.clone();
    }
    let bytes = (0_u32..).zip(image.bytes().iter().zip(current.bytes()));
    CardImage::new(bytes.map(|(at, (ours, now))| if layout.is_returned(at) { *now } else { *ours }).collect())
}

/// How it is known that an operation is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitProof {
    /// The card was read and equals the target.
    Image {
        /// When it was read.
        at: EventNo,
    },
    /// The meter returned this count, so it has taken the purchase.
    TakenByMeter {
        /// What the meter returned.
        returned_count: u32,
        /// When it was read.
        at: EventNo,
    },
    /// Another card carries the same number and quantity.
    Replacement {
        /// The replacement.
        by: OpId,
    },
}

/// An operation that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// What it was about.
    pub order: Order,
    /// How it is known.
    pub proof: CommitProof,
}
