//! Noise, short images, and cards with one wrong bit: refused, never a trap, never another quantity.

use dianka_domain::card::CardImage;
use dianka_plugin_host::meter::Content;
use serde_json::json;

use super::Subject;
use super::cards::{Figures, SETUP, sale};
use crate::chance::Chance;
use crate::report::{Check, say};
use crate::words::Differences;

pub(super) fn noise(subject: &Subject) -> Check {
    let mut check = Check::new(
        "noise",
        "乱码、过短或过长的卡片数据：拒绝而不崩溃",
        "noise and images of a wrong size are refused and nothing traps",
    );
    let mut chance = subject.chance("noise");
    let size = u64::from(subject.description().layout.size);
    let state = subject.driver.fresh(&SETUP).and_then(|state| subject.driver.power(&state, true));
    for number in 0..subject.cases.div_ceil(4) {
        if check.is_full() {
            break;
        }
        check.case();
        let len = if number % 4 == 0 { chance.within(0, size.saturating_mul(2)) } else { size };
        let image = CardImage::new(random(&mut chance, len, subject, number % 2 == 0));
        let shown = || json!({"image": image});
        if let Some(Ok(content)) = subject.ask(&mut check, "decode", shown, |driver| driver.decode(&image)) {
            let what = || {
                let wh = content.purchase.as_ref().map_or(0, |purchase| purchase.quantity_wh.wh());
                say(
                    format!("乱码被解码为购电，quantity_wh 为 {wh} Wh"),
                    format!("noise decodes as a purchase, with quantity_wh {wh} Wh"),
                )
            };
            check.demand(content.purchase.is_none(), what, shown);
        }
        if let Ok(state) = &state
            && let Some(Ok(outcome)) = subject.ask(&mut check, "insert", shown, |driver| driver.insert(state, &image))
        {
            let what = || {
                let wh = outcome.loaded_wh.wh();
                say(
                    format!("虚拟表从乱码装入电量：loaded_wh 为 {wh} Wh"),
                    format!("the virtual meter loads from noise: loaded_wh is {wh} Wh"),
                )
            };
            check.demand(outcome.loaded_wh.is_zero(), what, shown);
        }
    }
    states(subject, &mut check, &mut chance);
    check
}

/// Random bytes, with a good seal every other time so that more of the driver is reached.
fn random(chance: &mut Chance, len: u64, subject: &Subject, sealed: bool) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..len).map(|_| u8::try_from(chance.next() & 0xFF).unwrap_or_default()).collect();
    let layout = &subject.description().layout;
    let at = usize::try_from(layout.seal_offset).unwrap_or(usize::MAX);
    if sealed && let Some(byte) = bytes.get_mut(at) {
        *byte = layout.seal_value;
    }
    bytes
}

/// The meter's state is the host's to keep, but a wrong one must not break anything.
fn states(subject: &Subject, check: &mut Check, chance: &mut Chance) {
    for _ in 0..subject.cases.div_ceil(20) {
        if check.is_full() {
            break;
        }
        check.case();
        let len = chance.within(0, 300);
        let state = random(chance, len, subject, false);
        let shown = || json!({"state": hex::encode(&state)});
        let _ = subject.ask(check, "look", shown, |driver| driver.look(&state));
        let _ = subject.ask(check, "pass", shown, |driver| driver.pass(&state, u64::MAX, u32::MAX));
    }
}

pub(super) fn one_bit(subject: &Subject) -> Check {
    let mut check = Check::new("one-bit", "任一位出错都不会变成另一电量", "one wrong bit never makes another quantity");
    let mut chance = subject.chance("one-bit");
    let figures = Figures::new(subject.description());
    for _ in 0..subject.cases.div_ceil(400) {
        if check.is_full() {
            break;
        }
        let content = sale(figures.least(figures.any_count(&mut chance), figures.any_quantity(&mut chance)));
        let blank = subject.blank();
        let shown = || json!({"content": content, "before": blank});
        let Some(card) = subject.must(&mut check, "encode", shown, |driver| driver.encode(&content, &blank)) else {
            break;
        };
        flip_each(subject, &mut check, &content, &card);
    }
    check
}

fn flip_each(subject: &Subject, check: &mut Check, content: &Content, card: &CardImage) {
    let mut flipped = Vec::new();
    for at in 0..card.len() {
        for bit in 0..8_u32 {
            let mut bytes = card.bytes().to_vec();
            bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1_u8.rotate_left(bit));
            flipped.push(CardImage::new(bytes));
        }
    }
    for batch in flipped.chunks(128) {
        let shown = || json!({"image": card});
        let Some(Ok(answers)) = subject.ask(check, "decode", shown, |driver| driver.decode_each(batch)) else { return };
        for (image, answer) in batch.iter().zip(answers) {
            check.case();
            let Ok(found) = answer else { continue };
            let differs =
                Differences::between(&json!({"purchase": content.purchase}), &json!({"purchase": found.purchase}));
            let what = || {
                let words = differs.words();
                say(
                    format!("一位出错的卡解码成了另一笔购电：{}", words.zh),
                    format!("a card with one wrong bit decodes to another purchase: {}", words.en),
                )
            };
            check.demand(
                found.purchase == content.purchase,
                what,
                || json!({"card": card, "damaged": image, "decoded": found, "differs": differs.json()}),
            );
        }
    }
}
