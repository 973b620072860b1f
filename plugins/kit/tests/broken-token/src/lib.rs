//! A driver of token meters with one defect at a time. The test that uses it puts the defect's number into the finished file,
//! after [`DEFECT`]'s mark, so that one build makes all of them. Without a number it is honest.

use core::hint::black_box;

use dianka_sdk::token::driver::{self, PlanRequest, QuantityPlan};
use dianka_sdk::token::simulator::{self, Outcome, Setup, Snapshot};
use dianka_sdk::token::tokens::{
    self, Dissected, KeyRule, Prepared, TokenContent, TokenFacts, TokenKind, TokenMeter, TokenRequest,
};
use dianka_sdk::token::types::{AccessRule, CardImage, Content, Description, Purchase, Refusal, Returned};
use dianka_sts::Sts as Right;
use dianka_sts::block::Block;

/// The mark, and two digits: which defect.
static DEFECT: [u8; 9] = *b"defect=00";

fn has(defect: &[u8; 2]) -> bool {
    black_box(&DEFECT).ends_with(defect)
}

/// The driver.
pub struct Broken;

impl driver::Guest for Broken {
    fn describe() -> Description {
        let mut own = <Right as driver::Guest>::describe();
        own.id = "test.broken-token".into();
        if has(b"08") {
            own.displays.retain(|item| item.id != "message");
        }
        own
    }

    fn plan(request: PlanRequest) -> Result<QuantityPlan, Refusal> {
        <Right as driver::Guest>::plan(request)
    }

    fn encode(content: Content, before: CardImage) -> Result<CardImage, Refusal> {
        <Right as driver::Guest>::encode(content, before)
    }

    fn decode(image: CardImage) -> Result<Content, Refusal> {
        <Right as driver::Guest>::decode(image)
    }

    fn access(content: Content) -> Result<AccessRule, Refusal> {
        <Right as driver::Guest>::access(content)
    }
}

impl simulator::Guest for Broken {
    fn fresh(setup: Setup) -> Result<Vec<u8>, Refusal> {
        <Right as simulator::Guest>::fresh(setup)
    }

    fn restore(setup: Setup, last: Purchase, returned: Returned) -> Result<Vec<u8>, Refusal> {
        <Right as simulator::Guest>::restore(setup, last, returned)
    }

    fn insert(state: Vec<u8>, card: CardImage) -> Result<Outcome, Refusal> {
        let right = <Right as simulator::Guest>::insert(state.clone(), card.clone())?;
        // Another identifier where this one was taken, and so on.
        if has(b"03") && matches!(right.code.as_str(), "token-used" | "token-old") {
            for more in 1..2000 {
                let Some(other) = later(&card, more) else { break };
                let again = <Right as simulator::Guest>::insert(state.clone(), other)?;
                if again.accepted {
                    return Ok(again);
                }
            }
        }
        // A check sum that does not matter.
        if has(b"04")
            && right.code == "unreadable"
            && let Some(mended) = mended(&card)
        {
            return <Right as simulator::Guest>::insert(state, mended);
        }
        // Twice the energy.
        if has(b"09") && right.accepted {
            let mut outcome = right;
            outcome.loaded_wh = outcome.loaded_wh.wrapping_mul(2);
            return Ok(outcome);
        }
        Ok(right)
    }

    fn pass(state: Vec<u8>, seconds: u64, watts: u32) -> Result<Vec<u8>, Refusal> {
        <Right as simulator::Guest>::pass(state, seconds, watts)
    }

    fn power(state: Vec<u8>, on: bool) -> Result<Vec<u8>, Refusal> {
        <Right as simulator::Guest>::power(state, on)
    }

    fn look(state: Vec<u8>) -> Result<Snapshot, Refusal> {
        let mut seen = <Right as simulator::Guest>::look(state)?;
        if has(b"10") {
            seen.balance_wh = seen.balance_wh.wrapping_add(100);
        }
        Ok(seen)
    }
}

/// Class and block as a token of a later minute would have them.
fn later(card: &CardImage, more: u32) -> Option<CardImage> {
    let (class, bytes) = card.bytes.split_first()?;
    let mut block = Block::from_bytes(*class, bytes.try_into().ok()?)?;
    block.identifier = block.identifier.checked_add(more)?;
    Some(of(*class, &block))
}

/// The same bits under the check sum that they should have.
fn mended(card: &CardImage) -> Option<CardImage> {
    let (_, bytes) = card.bytes.split_first()?;
    let bits = u64::from_be_bytes(bytes.try_into().ok()?);
    let part = |shift: u32, mask: u64| bits.checked_shr(shift).unwrap_or(0) & mask;
    let block = Block {
        subclass: 0,
        chance: u8::try_from(part(56, 0xF)).ok()?,
        identifier: u32::try_from(part(32, 0xFF_FFFF)).ok()?,
        data: u16::try_from(part(16, 0x3FFF)).ok()?.max(1),
    };
    Some(of(0, &block))
}

fn of(class: u8, block: &Block) -> CardImage {
    let bytes = core::iter::once(class).chain(block.to_bytes(class)).collect();
    CardImage { chip: "token".into(), bytes }
}

impl tokens::Guest for Broken {
    fn facts() -> TokenFacts {
        let mut facts = <Right as tokens::Guest>::facts();
        if has(b"12") {
            let dream = facts.kinds.first().map(|kind| TokenKind { id: "dreams".into(), ..kind.clone() });
            facts.kinds.extend(dream);
        }
        facts
    }

    fn key(meter: TokenMeter) -> Result<KeyRule, Refusal> {
        <Right as tokens::Guest>::key(one_for_all(meter))
    }

    fn prepare(mut request: TokenRequest) -> Result<Prepared, Refusal> {
        if has(b"01") {
            request.amount = request.amount.wrapping_add(100);
        }
        if has(b"02") && request.amount < 100 {
            request.amount = 100;
        }
        if has(b"05") {
            request.after = None;
        }
        if has(b"06") && request.after.is_some_and(|after| after > 0xFF_FFFF) {
            request.after = None;
        }
        if has(b"11") && request.amount == 1000 {
            while black_box(true) {}
        }
        request.meter = one_for_all(request.meter);
        <Right as tokens::Guest>::prepare(request)
    }

    fn compose(class: u8, cipher_block: Vec<u8>) -> Result<String, Refusal> {
        <Right as tokens::Guest>::compose(class, cipher_block)
    }

    fn dissect(digits: String) -> Result<Dissected, Refusal> {
        <Right as tokens::Guest>::dissect(digits)
    }

    fn read(meter: TokenMeter, class: u8, block: Vec<u8>) -> Result<TokenContent, Refusal> {
        let mut content = <Right as tokens::Guest>::read(meter, class, block)?;
        if has(b"01") {
            content.amount = content.amount.wrapping_sub(100);
        }
        if has(b"13") && content.chance == 5 {
            content.identifier = content.identifier.wrapping_add(1);
        }
        Ok(content)
    }
}

/// The same key for every meter.
fn one_for_all(mut meter: TokenMeter) -> TokenMeter {
    if has(b"07") {
        meter.meter_no = 0;
    }
    meter
}

dianka_sdk::export_token_meter!(Broken);
