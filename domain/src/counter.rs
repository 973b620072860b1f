//! The purchase counter: which number a sale gets, and what a card or a meter says about the numbers before it.
//!
//! The meter loads a card only if the card's purchase number is its own next one, so one number stands for one quantity for
//! ever. Per account and meter period the server keeps the highest number sold, the highest proven taken, and the number of
//! the card issued last.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::facts::MeterFacts;

/// Warnings begin this many numbers before the last one.
const WARN_BEFORE_END: u32 = 99;

/// The counter of one account in one meter period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct CounterState {
    /// Highest purchase number sold; 0 = none yet.
    pub sold: u32,
    /// Highest purchase number that the meter is proven to have taken; never above `sold`.
    pub acked: u32,
    /// Issue of the account's current card; every replacement raises it.
    pub issue: u32,
}

/// The number of the next sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextCount {
    /// The number.
    pub count: u32,
    /// Numbers left after this one, once they run short (from `count_max - 99` on): plan to renew the meter's period.
    pub warn_left: Option<u32>,
}

/// Why the counter says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "refusal")]
pub enum CounterRefusal {
    /// The card still carries a purchase that the meter is not proven to have taken.
    #[error("purchase {sold} is not loaded: the meter has taken {acked}")]
    NotLoaded {
        /// Highest number sold.
        sold: u32,
        /// Highest number proven taken.
        acked: u32,
    },
    /// The meter has taken a number that was never sold to it.
    #[error("the meter returned count {returned}, only {sold} were sold")]
    CountAhead {
        /// What the meter returned.
        returned: u32,
        /// Highest number sold.
        sold: u32,
    },
    /// The meter returned less than it is known to have taken: cleared, exchanged, or an old card.
    #[error("the meter returned count {returned}, {acked} are proven taken")]
    CountBehind {
        /// What the meter returned.
        returned: u32,
        /// Highest number proven taken.
        acked: u32,
    },
    /// The card is not the account's current one.
    #[error("card issue {card}, the current one is {current}")]
    NotCurrentCard {
        /// Issue on the card.
        card: u32,
        /// Issue of the current card.
        current: u32,
    },
    /// The numbers of this meter period are used up. The period must be renewed (clear, open again), also where the
    /// driver knows a number to wrap to: numbers must stay comparable.
    #[error("the last purchase number {max} is used")]
    Exhausted {
        /// Greatest number on a card.
        max: u32,
    },
    /// Another counter was faster.
    #[error("number {count} is not the next one after {sold}")]
    Taken {
        /// The number claimed.
        count: u32,
        /// Highest number sold.
        sold: u32,
    },
    /// No purchase was sold that could be written again.
    #[error("there is no purchase {count} to write again")]
    NothingToWriteAgain {
        /// The number looked for.
        count: u32,
    },
}

impl CounterRefusal {
    /// Stable code for people-facing texts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotLoaded { .. } => "card.not_loaded",
            Self::CountAhead { .. } => "card.count_ahead",
            Self::CountBehind { .. } => "card.count_behind",
            Self::NotCurrentCard { .. } => "card.replaced",
            Self::Exhausted { .. } => "sale.count_exhausted",
            Self::Taken { .. } => "sale.count_taken",
            Self::NothingToWriteAgain { .. } => "card.nothing_to_write_again",
        }
    }

    /// The figures, by the names that the texts for people use; all are plain counts.
    #[must_use]
    pub fn params(&self) -> Vec<(&'static str, i64)> {
        let pair = |a, x: u32, b, y: u32| vec![(a, i64::from(x)), (b, i64::from(y))];
        match *self {
            Self::NotLoaded { sold, acked } => pair("count", sold, "meter_count", acked),
            Self::CountAhead { returned, sold } => pair("card_count", returned, "books_count", sold),
            Self::CountBehind { returned, acked } => pair("meter_count", returned, "card_count", acked),
            Self::NotCurrentCard { card, current } => pair("card_issue", card, "current_issue", current),
            // The same names as those of the planner's refusal with this code.
            Self::Exhausted { max } => pair("count", max.saturating_add(1), "max", max),
            Self::Taken { count, sold } => pair("count", count, "books_count", sold),
            Self::NothingToWriteAgain { count } => vec![("count", i64::from(count))],
        }
    }
}

/// What a meter does with a purchase card of its own, by the numbers alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum MeterVerdict {
    /// It is the next number.
    Takes,
    /// It was taken before: ignored, no gain and no loss.
    AlreadyTaken,
    /// Purchases before it were skipped: these must be loaded first.
    Skipped {
        /// The number that the meter waits for.
        waits_for: u32,
    },
}

/// What the meter does with a card that carries `card_count` when it has taken `meter_count` purchases.
#[must_use]
pub const fn meter_verdict(card_count: u32, meter_count: u32) -> MeterVerdict {
    let next = meter_count.saturating_add(1);
    if card_count == next {
        MeterVerdict::Takes
    } else if card_count < next {
        MeterVerdict::AlreadyTaken
    } else {
        MeterVerdict::Skipped { waits_for: next }
    }
}

/// A card to be written again: the image of this number as it was, byte for byte in value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reissue {
    /// Number of the image to write.
    pub count: u32,
    /// Issue of the new card; the cards before it are no longer accepted at any counter.
    pub issue: u32,
    /// The counter afterwards.
    pub state: CounterState,
}

/// How one can know that the meter took a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// Returned data on the account's own card, current or old.
    ReturnedOnCard,
    /// A reading card 抄表卡 brought it back.
    ReadingCard,
    /// Read remotely.
    RemoteReading,
    /// An inspector's photograph of the display.
    InspectorPhoto,
    /// A supervisor takes it upon himself.
    Supervisor,
}

/// What to do about a purchase that is not proven taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotLoadedAdvice {
    /// Put the card into the meter once: it loads, or the meter writes returned data while rejecting it.
    InsertOnce,
    /// Put the card into the meter once; if it then still brings nothing back, this meter type writes nothing on
    /// rejection (or it is not known to), and another proof is needed.
    InsertOrProve,
}

/// What to tell the customer with an unused card, by the meter's facts and whether the card is a replacement (whose number
/// the meter may have taken from the lost one).
#[must_use]
pub fn advice_not_loaded(is_replacement: bool, facts: &MeterFacts) -> NotLoadedAdvice {
    if is_replacement && facts.writes_back_on_rejection != Some(true) {
        NotLoadedAdvice::InsertOrProve
    } else {
        NotLoadedAdvice::InsertOnce
    }
}

impl CounterState {
    /// A new meter period: nothing sold, first card.
    #[must_use]
    pub const fn opened() -> Self {
        Self { sold: 0, acked: 0, issue: 1 }
    }

    /// Whether a sale may be made onto a card of issue `card_issue`, and its number.
    pub fn may_sell(&self, card_issue: u32, facts: &MeterFacts) -> Result<NextCount, CounterRefusal> {
        if card_issue != self.issue {
            return Err(CounterRefusal::NotCurrentCard { card: card_issue, current: self.issue });
        }
        if self.acked < self.sold {
            return Err(CounterRefusal::NotLoaded { sold: self.sold, acked: self.acked });
        }
        self.next(facts)
    }

    /// The number after the last one sold.
    pub fn next(&self, facts: &MeterFacts) -> Result<NextCount, CounterRefusal> {
        let exhausted = CounterRefusal::Exhausted { max: facts.count_max };
        let count = self.sold.checked_add(1).ok_or(exhausted)?;
        let left = facts.count_max.checked_sub(count).ok_or(exhausted)?;
        Ok(NextCount { count, warn_left: (left <= WARN_BEFORE_END).then_some(left) })
    }

    /// Takes `count` for a sale: compare and set, so that the second of two counters loses.
    pub fn take(self, count: u32) -> Result<Self, CounterRefusal> {
        if self.acked < self.sold {
            return Err(CounterRefusal::NotLoaded { sold: self.sold, acked: self.acked });
        }
        match self.sold.checked_add(1) {
            Some(next) if next == count => Ok(Self { sold: count, ..self }),
            _ => Err(CounterRefusal::Taken { count, sold: self.sold }),
        }
    }

    /// Gives `count` back after its sale was voided; the next sale must use it again, or the meter waits for ever.
    pub fn give_back(self, count: u32) -> Result<Self, CounterRefusal> {
        if count == 0 || count != self.sold {
            return Err(CounterRefusal::Taken { count, sold: self.sold });
        }
        let before = count.saturating_sub(1);
        if self.acked > before {
            return Err(CounterRefusal::CountBehind { returned: before, acked: self.acked });
        }
        Ok(Self { sold: before, ..self })
    }

    /// Learns from data that the meter returned (by whatever card or reading) how many purchases it has taken.
    pub fn observe_returned(self, count: u32) -> Result<Self, CounterRefusal> {
        if count > self.sold {
            return Err(CounterRefusal::CountAhead { returned: count, sold: self.sold });
        }
        if count < self.acked {
            return Err(CounterRefusal::CountBehind { returned: count, acked: self.acked });
        }
        Ok(Self { acked: count, ..self })
    }

    /// Accepts another proof that the meter took purchase `count`. Returned data always count; the word of a person only
    /// where the meter type is not known to write back when it rejects a card.
    pub fn prove(self, count: u32, proof: Proof, facts: &MeterFacts) -> Result<Self, CounterRefusal> {
        let by_person = matches!(proof, Proof::InspectorPhoto | Proof::Supervisor);
        if by_person && facts.writes_back_on_rejection == Some(true) {
            return Err(CounterRefusal::NotLoaded { sold: self.sold, acked: self.acked });
        }
        self.observe_returned(count)
    }

    /// A lost card: the last purchase again, whether or not the customer says that it was loaded. A meter that has it
    /// already ignores it, one that has not takes it once.
    pub fn replace_lost(self) -> Result<Reissue, CounterRefusal> {
        self.write_again(self.sold)
    }

    /// A card ahead of its meter (the meter has taken `meter_count`): the first purchase that was skipped, again. It is
    /// to be followed by the others of [`CounterState::skipped`], in order.
    ///
    /// What the meter says stands above what a person once took upon himself, so `acked` may go down here: the next sale
    /// waits until the skipped purchases are loaded.
    pub fn reissue_previous(self, meter_count: u32) -> Result<Reissue, CounterRefusal> {
        if meter_count > self.sold {
            return Err(CounterRefusal::CountAhead { returned: meter_count, sold: self.sold });
        }
        Self { acked: meter_count, ..self }.write_again(meter_count.saturating_add(1))
    }

    /// The purchases that a meter which has taken `meter_count` still waits for, in the order in which it takes them.
    #[must_use]
    pub const fn skipped(&self, meter_count: u32) -> RangeInclusive<u32> {
        meter_count.saturating_add(1)..=self.sold
    }

    fn write_again(self, count: u32) -> Result<Reissue, CounterRefusal> {
        if count == 0 || count > self.sold {
            return Err(CounterRefusal::NothingToWriteAgain { count });
        }
        // 4 billion replacements of one card do not happen; should they, the old issue stays and the cards are told apart
        // by their card number alone.
        let issue = self.issue.saturating_add(1);
        Ok(Reissue { count, issue, state: Self { issue, ..self } })
    }
}
