//! A card goes in.

use dianka_sdk::meter::simulator::Outcome;
use dianka_sdk::meter::types::{CardImage, Refusal};

use super::{Message, Meter, show};
use crate::card::Card;
use crate::decode;
use crate::open_a;
use crate::profile::{Item, Standard};
use crate::refuse::refuse;

/// What the meter made of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The contract's code of the outcome.
    pub code: &'static str,
    /// Quantity loaded, Wh; 0 if none was.
    pub loaded_wh: i64,
    /// What the display shows.
    pub display: String,
}

/// Why a card was not taken, or what else it did.
pub(super) enum Reaction {
    /// It did something that the display confirms with this text.
    Done(&'static str, String),
    /// It loaded so many Wh.
    Loaded(i64),
    /// It was turned down; the meter counts it and shows a card error.
    Rejected(&'static str),
}

impl Meter {
    /// Inserts a card; on acceptance and on rejection of a purchase card of its own system the meter writes its data
    /// onto it.
    ///
    /// # Errors
    /// `bad-state` without power; `unsupported` or `bad-input` for an image that is no card of this chip.
    pub fn insert(&mut self, standard: &Standard, image: &CardImage) -> Result<Outcome, Refusal> {
        let mut bytes = decode::memory(standard.profile, image)?.to_vec();
        let verdict = self.take(standard, &mut bytes)?;
        Ok(Outcome {
            state: self.to_bytes(standard),
            card: CardImage { chip: image.chip.clone(), bytes },
            accepted: verdict.loaded_wh > 0,
            loaded_wh: verdict.loaded_wh,
            code: verdict.code.into(),
            display: verdict.display,
        })
    }

    /// The same on bare memory of the right size.
    ///
    /// # Errors
    /// `bad-state` without power.
    pub fn take(&mut self, standard: &Standard, bytes: &mut [u8]) -> Result<Verdict, Refusal> {
        if !self.powered {
            return Err(refuse("bad-state", "the meter has no power"));
        }
        let card = decode::open(standard, bytes).ok().flatten();
        let reaction = match &card {
            None => Reaction::Rejected("unreadable"),
            Some(card) if card.identity.short(Item::SystemCode) != self.system_code => {
                Reaction::Rejected("wrong-system")
            }
            Some(card) => {
                let reaction = self.react(standard, card);
                if card.kind.code == open_a::TYPE_PURCHASE {
                    let rejected = matches!(reaction, Reaction::Rejected(_));
                    self.write_back(standard, rejected, bytes)?;
                }
                reaction
            }
        };
        Ok(self.conclude(reaction))
    }

    fn react(&mut self, standard: &Standard, card: &Card) -> Reaction {
        match card.kind.code {
            open_a::TYPE_PURCHASE => self.purchase_card(standard, card),
            open_a::TYPE_CLEAR => self.clear_card(standard, card),
            open_a::TYPE_PRESET => self.preset_card(standard, card),
            open_a::TYPE_CHECK => self.check_card(card),
            open_a::TYPE_MANAGEMENT => self.management_card(standard, card),
            open_a::TYPE_INITIALISATION => self.initialisation_card(card),
            _ => Reaction::Rejected("wrong-kind"),
        }
    }

    fn conclude(&mut self, reaction: Reaction) -> Verdict {
        let (code, loaded_wh, display) = match reaction {
            Reaction::Done(code, display) => (code, 0, display),
            Reaction::Loaded(quantity) => ("loaded", quantity, show::remaining(self.balance_ws).lcd),
            Reaction::Rejected(code) => {
                self.errors = self.errors.saturating_add(1).min(999_999);
                self.message = Message::CardError;
                return Verdict { code, loaded_wh: 0, display: show::CARD_ERROR_LCD.into() };
            }
        };
        self.message = Message::None;
        Verdict { code, loaded_wh, display }
    }
}
