//! A token is entered. It comes as the meter's own decoder has it: class and plain block, under the key of this meter.

use super::{BALANCE_MAX_WH, MEMORY, Message, Meter, WS_PER_WH};
use crate::block::Block;
use crate::contract::simulator::Outcome;
use crate::contract::types::{CardImage, Refusal};
use crate::describe::CHIP;
use crate::kinds;
use crate::refuse::refuse;

/// What became of a token.
struct Verdict {
    code: &'static str,
    message: Message,
    loaded_wh: i64,
}

const fn verdict(code: &'static str, message: Message) -> Verdict {
    Verdict { code, message, loaded_wh: 0 }
}

impl Meter {
    /// Enters a token.
    ///
    /// # Errors
    /// `bad-input` if it is not a class and a block.
    pub fn insert(mut self, card: CardImage) -> Result<Outcome, Refusal> {
        let parts =
            card.bytes.split_first().and_then(|(class, block)| Some((*class, <[u8; 8]>::try_from(block).ok()?)));
        let Some((class, block)) = parts.filter(|_| card.chip == CHIP) else {
            return Err(refuse("bad-input", "a token's class and its plain block of 8 bytes are expected"));
        };
        if !self.powered {
            // Dark: the keypad is dead.
            return Ok(self.outcome(&verdict("unreadable", Message::None), card));
        }
        let verdict = self.enter(class, block);
        self.message = verdict.message;
        if verdict.message == Message::Accepted {
            self.count = self.count.saturating_add(1);
        } else {
            self.errors = self.errors.saturating_add(1);
        }
        Ok(self.outcome(&verdict, card))
    }

    fn enter(&mut self, class: u8, bytes: [u8; 8]) -> Verdict {
        let Some(block) = Block::from_bytes(class, bytes) else { return verdict("unreadable", Message::Rejected) };
        let place = match self.taken.binary_search(&block.identifier) {
            Ok(_) => return verdict("token-used", Message::Used),
            Err(0) if self.taken.len() >= MEMORY => return verdict("token-old", Message::Old),
            Err(place) => place,
        };
        let verdict = self.carry_out(class, block);
        if verdict.message == Message::Accepted {
            self.taken.insert(place, block.identifier);
            if self.taken.len() > MEMORY {
                self.taken.remove(0);
            }
            self.power_cut = false;
            self.over_seconds = 0;
        }
        verdict
    }

    /// Does what a token of this meter says that was not taken before.
    fn carry_out(&mut self, class: u8, block: Block) -> Verdict {
        let kind = kinds::by_bits(class, block.subclass);
        let Some((kind, amount)) = kind.and_then(|kind| Some((kind, kind.decode(block.data)?))) else {
            return verdict("wrong-kind", Message::Rejected);
        };
        let watts = || u32::try_from(amount).unwrap_or(0);
        match kind.id {
            "credit" => return self.credit(amount),
            "max-power" => self.max_power_w = watts(),
            "phase-unbalance" => self.unbalance_w = watts(),
            // 0 is the register of electricity; the others are not in this meter.
            "clear-credit" if matches!(amount, 0 | 0xFFFF) => {
                self.balance_ws = 0;
                return verdict("cleared", Message::Accepted);
            }
            "clear-tamper" => return verdict("tamper-cleared", Message::Accepted),
            _ => return verdict("wrong-kind", Message::Rejected),
        }
        verdict("limit-set", Message::Accepted)
    }

    fn credit(&mut self, wh: i64) -> Verdict {
        if self.balance_wh().saturating_add(wh) > BALANCE_MAX_WH {
            return verdict("register-full", Message::Full);
        }
        self.balance_ws = self.balance_ws.saturating_add(wh.saturating_mul(WS_PER_WH));
        self.purchased_wh = self.purchased_wh.saturating_add(wh);
        self.last_wh = wh;
        Verdict { code: "loaded", message: Message::Accepted, loaded_wh: wh }
    }

    fn outcome(&self, verdict: &Verdict, card: CardImage) -> Outcome {
        Outcome {
            state: self.to_bytes(),
            card,
            accepted: verdict.code == "loaded",
            loaded_wh: verdict.loaded_wh,
            code: verdict.code.into(),
            display: verdict.message.shown().0.into(),
        }
    }
}
