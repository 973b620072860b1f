//! Cards of every kind that a driver declares.

use dianka_domain::card::CardImage;
use dianka_plugin_host::meter::{Content, Param, kind};
use dianka_plugin_package::vectors::{CardVector, Hexed, Vectors};
use serde_json::json;

use crate::chance::Chance;
use crate::meter::Subject;
use crate::meter::cards::{Figures, sale};
use crate::meter::kinds::{in_order, shapes, vary};
use crate::meter::round_trip::NO_ROOM;
use crate::report::{Check, Lang, say};
use crate::words::{Differences, params};

/// Purchases with everything in them.
const RICH: usize = 3;
/// Cards of one kind at most. A text parameter may have dozens of words, and each of them is wanted once.
const MOST: usize = 40;

/// One of each; what does not hold is a failure of `check`.
pub(super) fn make(subject: &Subject, check: &mut Check, lang: Lang) -> Vec<CardVector> {
    let mut maker = Maker { subject, check, lang, made: Vec::new() };
    let mut chance = subject.chance("vectors");
    // A blank card is nothing that is written.
    for declared in subject.driver.describe().card_kinds.iter().filter(|declared| *declared != kind::BLANK) {
        if declared == kind::PURCHASE {
            maker.purchases(&mut chance);
        } else {
            maker.others(&mut chance, declared);
        }
    }
    maker.made
}

struct Maker<'a> {
    subject: &'a Subject,
    check: &'a mut Check,
    lang: Lang,
    made: Vec<CardVector>,
}

impl Maker<'_> {
    fn purchases(&mut self, chance: &mut Chance) -> Option<()> {
        let figures = Figures::new(self.subject.description());
        let most = figures.most();
        let first = sale(figures.least(1, figures.quantity(100)));
        let card = self.put("首次购电", "the first purchase", &first, None)?;
        self.put("最小电量", "the least quantity", &sale(figures.least(1, figures.quantity(0))), None)?;
        let greatest = sale(figures.least(self.subject.description().facts.count_max, most));
        self.put("最大电量和最大购电次数", "the greatest quantity and purchase number", &greatest, None)?;
        for number in 1..=RICH {
            let content = Content { purchase: Some(figures.rich(chance)), ..figures.anybody(chance, kind::PURCHASE) };
            self.try_put(&format!("各字段均有值（{number}）"), &format!("every field in use ({number})"), &content)?;
        }
        let next = sale(figures.least(2, figures.quantity(50)));
        self.put("写在未用过的购电卡上", "over a purchase that no meter took", &next, Some(&card))?;
        self.over_returned(&card, &next)
    }

    /// Over a card that the virtual meter gave back: what the meter wrote stays.
    fn over_returned(&mut self, card: &CardImage, next: &Content) -> Option<()> {
        let mut meter = crate::meter::Meter::new(self.subject, self.check)?;
        let taken = meter.insert(self.check, card)?;
        let content = self.subject.must(
            self.check,
            "decode",
            || json!({"card": taken.card}),
            |driver| driver.decode(&taken.card),
        )?;
        let next = Content { returned: content.returned, ..next.clone() };
        self.put("写在电表返写过的卡上", "over a card that the meter wrote back to", &next, Some(&taken.card))?;
        Some(())
    }

    fn others(&mut self, chance: &mut Chance, declared: &str) -> Option<()> {
        let own = self.subject.description();
        let figures = Figures::new(own);
        let found = shapes(self.subject, self.check, declared);
        for shape in covering(&found) {
            let said = params(shape);
            let (zh, en) = (format!("{declared} 卡{said}"), format!("{declared} card{said}"));
            let content = Content { params: shape.clone(), ..crate::meter::cards::plain(declared) };
            self.put(&zh, &en, &content, None)?;
        }
        // Once with other numbers, on somebody else's card.
        let last = found.last()?;
        let content =
            Content { params: vary(chance, &own.params, last, figures.step), ..figures.anybody(chance, declared) };
        self.try_put(&format!("{declared} 卡，另外的数"), &format!("{declared} card, other numbers"), &content)
    }

    /// The same where a driver may have no room for it.
    fn try_put(&mut self, zh: &str, en: &str, content: &Content) -> Option<()> {
        let blank = self.subject.blank();
        let shown = || json!({"content": content, "before": blank});
        match self.subject.ask(self.check, "encode", shown, |driver| driver.encode(content, &blank))? {
            Err(refusal) if NO_ROOM.contains(&refusal.code.as_str()) => Some(()),
            _ => self.put(zh, en, content, None).map(|_| ()),
        }
    }

    /// Encodes, decodes, and keeps what the driver reads: the order of parameters is its own.
    fn put(&mut self, zh: &str, en: &str, content: &Content, before: Option<&CardImage>) -> Option<CardImage> {
        let over = before.cloned().unwrap_or_else(|| self.subject.blank());
        let shown = || json!({"content": content, "before": over});
        let image = self.subject.must(self.check, "encode", shown, |driver| driver.encode(content, &over))?;
        let read = self.subject.must(self.check, "decode", shown, |driver| driver.decode(&image))?;
        let differs = Differences::between(&in_order(content), &in_order(&read));
        let words = differs.words();
        let what = || {
            say(
                format!("{zh}：解码得到另外的内容：{}", words.zh),
                format!("{en}: it decodes to something else: {}", words.en),
            )
        };
        if !self.check.demand(in_order(&read) == in_order(content), what, shown) {
            return None;
        }
        let name = self.lang.pick_text(zh, en).to_owned();
        let (before, hexed) = (before.map(|before| Hexed(before.bytes().to_vec())), Hexed(image.bytes().to_vec()));
        match written(&read) {
            Ok(content) => self.made.push(CardVector { name, content, before, image: hexed }),
            Err(why) => self.check.fail(say(&why, &why), shown()),
        }
        Some(image)
    }
}

/// The content as the file has it.
fn written(content: &Content) -> Result<dianka_plugin_package::vectors::Content, String> {
    let value = json!({"cards": [{"name": "", "content": content, "image": ""}]});
    let read = Vectors::parse(value.to_string().as_bytes()).map_err(|error| error.to_string())?;
    read.cards.into_iter().next().map(|card| card.content).ok_or_else(String::new)
}

/// Of all sets of parameters those that between them have every parameter and every value at least once.
fn covering(found: &[Vec<Param>]) -> Vec<&Vec<Param>> {
    let mut seen: Vec<&Param> = Vec::new();
    let mut chosen = Vec::new();
    for shape in found {
        let new = shape.iter().any(|param| !seen.contains(&param));
        if chosen.is_empty() || new {
            seen.extend(shape.iter());
            chosen.push(shape);
        }
        if chosen.len() >= MOST {
            break;
        }
    }
    chosen
}
