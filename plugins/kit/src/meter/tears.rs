//! Torn cards: a write that is cut off anywhere never becomes a purchase of another quantity.

use dianka_domain::card::CardImage;
use dianka_plugin_host::meter::{Content, Refusal};
use serde_json::json;

use super::Subject;
use super::bench::Meter;
use super::cards::{Figures, sale};
use crate::chance::Chance;
use crate::report::{Check, say};
use crate::torn::{every_prefix, every_state, sealed};
use crate::words::Differences;

/// Images that one call decodes: few enough for the budget of a call.
const BATCH: usize = 128;

pub(super) fn torn(subject: &Subject) -> Check {
    let mut check = Check::new(
        "torn",
        "写卡中断：任何前缀、任何半写的字节都不会变成另一电量",
        "torn writes: no prefix and no half-written byte becomes another quantity",
    );
    let mut chance = subject.chance("torn");
    let mut inserted = 0_u64;
    for number in 0..subject.cases.div_ceil(80) {
        if check.is_full() {
            break;
        }
        let Some(sale) = Sale::make(subject, &mut check, &mut chance, number) else { break };
        sale.decode_all(subject, &mut check);
        inserted = inserted.saturating_add(sale.insert_prefixes(subject, &mut check).unwrap_or_default());
    }
    let zh = format!("其中 {inserted} 张中断的卡插入了虚拟表");
    check.note = Some(say(zh, format!("{inserted} of the torn cards went into the virtual meter")));
    check
}

/// One sale, and the meter that it belongs to.
struct Sale {
    before: CardImage,
    target: CardImage,
    /// What the driver reads from the whole cards.
    readings: Vec<Content>,
    meter: Vec<u8>,
}

impl Sale {
    /// In turn: onto a new card; onto a used one; over a purchase that was never taken, with its own number again.
    fn make(subject: &Subject, check: &mut Check, chance: &mut Chance, number: u64) -> Option<Self> {
        let figures = Figures::new(subject.description());
        let mut content = |count| sale(figures.least(count, figures.quantity(chance.within(0, 5000))));
        let mut meter = Meter::new(subject, check)?;
        let (before, wanted) = match number % 3 {
            0 => (subject.blank(), content(1)),
            1 => (meter.buy(check, &content(1), &subject.blank())?.card, content(2)),
            _ => {
                let (old, blank) = (content(1), subject.blank());
                let shown = || json!({"content": old, "before": blank});
                (subject.must(check, "encode", shown, |driver| driver.encode(&old, &blank))?, content(1))
            }
        };
        let shown = || json!({"content": wanted, "before": before});
        let target = subject.must(check, "encode", shown, |driver| driver.encode(&wanted, &before))?;
        let mut readings = Vec::new();
        for image in [&before, &target] {
            readings.push(subject.must(check, "decode", shown, |driver| driver.decode(image))?);
        }
        Some(Self { before, target, readings, meter: meter.state().to_vec() })
    }

    fn writes(&self, subject: &Subject) -> Vec<crate::torn::Write> {
        let seal = usize::try_from(subject.description().layout.seal_offset).unwrap_or(usize::MAX);
        sealed(self.before.bytes(), self.target.bytes(), seal)
    }

    fn decode_all(&self, subject: &Subject, check: &mut Check) {
        let mut states: Vec<CardImage> = Vec::new();
        every_state(self.before.bytes(), &self.writes(subject), |cells| states.push(CardImage::new(cells.to_vec())));
        for batch in states.chunks(BATCH) {
            if check.is_full() {
                return;
            }
            let shown = || json!({"before": self.before, "target": self.target, "images": batch.len()});
            let Some(Ok(answers)) = subject.ask(check, "decode", shown, |driver| driver.decode_each(batch)) else {
                return;
            };
            for (image, answer) in batch.iter().zip(&answers) {
                check.case();
                self.judge(subject, check, image, answer);
            }
        }
    }

    fn judge(&self, subject: &Subject, check: &mut Check, image: &CardImage, answer: &Result<Content, Refusal>) {
        let Ok(content) = answer else { return };
        let shown = || json!({"before": self.before, "target": self.target, "torn": image, "decoded": content});
        // A new card that was not touched yet is still new: nothing else may be read under a broken seal.
        let sealed = subject.description().layout.is_sealed(image) || content.kind == "blank";
        if check.demand(
            sealed,
            || {
                let kind = &content.kind;
                say(
                    format!("封印失效时仍能解码，kind（卡的种类）为“{kind}”"),
                    format!("it decodes while the seal is broken, with the kind “{kind}”"),
                )
            },
            shown,
        ) {
            let known = self.readings.contains(content);
            let differs = Differences::between(&self.readings.last(), content);
            let what = || {
                let words = differs.words();
                say(
                    format!("中断的卡解码成了另外的内容，与写完的卡相比：{}", words.zh),
                    format!("a torn card decodes to something that nobody wrote; against the whole card: {}", words.en),
                )
            };
            let input = || json!({"before": self.before, "target": self.target, "torn": image, "decoded": content, "differs": differs.json()});
            check.demand(known, what, input);
        }
    }

    /// Puts the card after every whole write into the meter; how many there were.
    fn insert_prefixes(&self, subject: &Subject, check: &mut Check) -> Option<u64> {
        let mut cards = Vec::new();
        every_prefix(self.before.bytes(), &self.writes(subject), |cells| cards.push(CardImage::new(cells.to_vec())));
        let whole = [&self.before, &self.target];
        for card in &cards {
            let shown = || json!({"before": self.before, "target": self.target, "torn": card});
            let outcome = subject.must(check, "insert", shown, |driver| driver.insert(&self.meter, card))?;
            if !outcome.loaded_wh.is_zero() {
                let right = whole.iter().zip(&self.readings).find(|(image, _)| **image == card);
                let right = right.and_then(|(_, content)| content.purchase.as_ref()).map(|p| p.quantity_wh);
                let (is, should) = (outcome.loaded_wh.wh(), right.map_or(0, |right| right.wh()));
                let zh = format!("虚拟表从中断的卡装入 {is} Wh（loaded_wh 应为 {should} Wh）");
                let en = format!("the virtual meter loads {is} Wh from a torn card (loaded_wh should be {should} Wh)");
                check.demand(right == Some(outcome.loaded_wh), || say(zh, en), shown);
            }
        }
        u64::try_from(cards.len()).ok()
    }
}
