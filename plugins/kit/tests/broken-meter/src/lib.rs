//! A meter driver with one defect at a time. The test that uses it puts the defect's number into the finished file, after
//! [`DEFECT`]'s mark, so that one build makes all of them. Without a number it is honest.

use core::hint::black_box;

use dianka_meter_engine::open_a::{KWH, OPEN_A};
use dianka_meter_engine::{Driver, PresetBy, Rules, Standard};
use dianka_sdk::meter::driver::{self, PlanRequest, QuantityPlan};
use dianka_sdk::meter::simulator::{self, Outcome, Setup, Snapshot};
use dianka_sdk::meter::types::{AccessRule, CardImage, Content, Description, Purchase, Refusal, Returned};

/// The mark, and two digits: which defect.
static DEFECT: [u8; 9] = *b"defect=00";

const SEAL: usize = 0x40;

struct Honest;

impl Rules for Honest {
    const STANDARD: Standard = Standard {
        id: "test.broken",
        version: env!("CARGO_PKG_VERSION"),
        name: ("有缺陷的电表", "A meter with a defect"),
        standards: &["none"],
        evidence: ("仅供测试", "for tests only"),
        profile: &OPEN_A,
        profile_id: 0xAF,
        preset_by: PresetBy::Meter,
        quantity_min_wh: KWH,
    };
}

type Right = Driver<Honest>;

fn has(defect: &[u8; 2]) -> bool {
    black_box(&DEFECT).ends_with(defect)
}

/// The driver.
pub struct Broken;

impl driver::Guest for Broken {
    fn describe() -> Description {
        let mut own = <Right as driver::Guest>::describe();
        if has(b"08") {
            own.displays.retain(|item| item.id != "remaining");
        }
        if has(b"17") {
            own.card_kinds.push("reading".into());
        }
        own
    }

    fn plan(request: PlanRequest) -> Result<QuantityPlan, Refusal> {
        let mut plan = <Right as driver::Guest>::plan(request)?;
        if has(b"05") && request.first {
            plan.quantity_wh = plan.quantity_wh.wrapping_sub(request.preset_wh);
        }
        Ok(plan)
    }

    fn encode(mut content: Content, before: CardImage) -> Result<CardImage, Refusal> {
        if has(b"10") && black_box(true) {
            while black_box(true) {}
        }
        if has(b"13") {
            black_box(vec![1_u8; 64 << 20]);
        }
        if let Some(purchase) = &mut content.purchase {
            if has(b"01") {
                purchase.quantity_wh = purchase.quantity_wh.saturating_add(KWH);
            }
            if has(b"11") {
                purchase.quantity_wh = purchase.quantity_wh.clamp(KWH, 999_999 * KWH);
            }
            if has(b"18") {
                purchase.alarm_wh = purchase.alarm_wh.clamp(0, 9999 * KWH);
            }
        }
        <Right as driver::Guest>::encode(content, before)
    }

    fn decode(mut image: CardImage) -> Result<Content, Refusal> {
        if has(b"02")
            && let Some(seal) = image.bytes.get_mut(SEAL).filter(|seal| **seal != 0xFF)
        {
            *seal = 0x68;
        }
        let answer = <Right as driver::Guest>::decode(image.clone());
        if has(b"04")
            && let Err(refusal) = &answer
            && refusal.code == "checksum"
        {
            return repaired(image).ok_or_else(|| refusal.clone());
        }
        let mut content = answer?;
        if has(b"01")
            && let Some(purchase) = &mut content.purchase
        {
            purchase.quantity_wh = purchase.quantity_wh.saturating_sub(KWH);
        }
        Ok(content)
    }

    fn access(content: Content) -> Result<AccessRule, Refusal> {
        let blank = Content { kind: "blank".into(), ..content.clone() };
        <Right as driver::Guest>::access(if has(b"14") { blank } else { content })
    }
}

/// The card with whatever check sum makes it whole.
fn repaired(mut image: CardImage) -> Option<Content> {
    let len = usize::from(*image.bytes.get(SEAL.wrapping_add(2))?);
    for sum in 0..=u8::MAX {
        *image.bytes.get_mut(SEAL.wrapping_add(3).wrapping_add(len))? = sum;
        if let Ok(content) = <Right as driver::Guest>::decode(image.clone()) {
            return Some(content);
        }
    }
    None
}

/// The card as if its purchase were another one.
fn forged(state: &[u8], card: &CardImage, forge: impl FnOnce(&Snapshot, &mut Purchase)) -> Option<CardImage> {
    let seen = <Right as simulator::Guest>::look(state.to_vec()).ok()?;
    let mut content = <Right as driver::Guest>::decode(card.clone()).ok()?;
    forge(&seen, content.purchase.as_mut()?);
    content.returned = None;
    <Right as driver::Guest>::encode(content, card.clone()).ok()
}

impl simulator::Guest for Broken {
    fn fresh(setup: Setup) -> Result<Vec<u8>, Refusal> {
        <Right as simulator::Guest>::fresh(setup)
    }

    fn restore(setup: Setup, last: Purchase, returned: Returned) -> Result<Vec<u8>, Refusal> {
        <Right as simulator::Guest>::restore(setup, last, returned)
    }

    fn insert(state: Vec<u8>, mut card: CardImage) -> Result<Outcome, Refusal> {
        let before = card.clone();
        let forgery = if has(b"03") {
            forged(&state, &card, |seen, purchase| purchase.count = seen.count.wrapping_add(1))
        } else if has(b"06") {
            forged(&state, &card, |_, purchase| purchase.hoard_wh = 0)
        } else if has(b"07") {
            forged(&state, &card, |seen, purchase| purchase.meter_no = seen.meter_no)
        } else {
            None
        };
        card = forgery.unwrap_or(card);
        let mut outcome = <Right as simulator::Guest>::insert(state, card)?;
        if has(b"15") {
            outcome.loaded_wh = outcome.loaded_wh.wrapping_mul(2);
        }
        if has(b"16") {
            outcome.card = before;
        }
        Ok(outcome)
    }

    fn pass(state: Vec<u8>, seconds: u64, watts: u32) -> Result<Vec<u8>, Refusal> {
        let free = has(b"09") && seconds > 1000;
        <Right as simulator::Guest>::pass(state, if free { 0 } else { seconds }, watts)
    }

    fn power(state: Vec<u8>, on: bool) -> Result<Vec<u8>, Refusal> {
        <Right as simulator::Guest>::power(state, on)
    }

    fn look(state: Vec<u8>) -> Result<Snapshot, Refusal> {
        if has(b"12") {
            // As long as the budget allows, and then some.
            for number in 0..u64::MAX {
                black_box(number);
            }
        }
        let mut seen = <Right as simulator::Guest>::look(state)?;
        if has(b"19") {
            seen.total_purchased_wh = seen.total_purchased_wh.wrapping_add(KWH);
        }
        Ok(seen)
    }
}

dianka_sdk::export_meter!(Broken);
