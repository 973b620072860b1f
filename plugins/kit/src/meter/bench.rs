//! The driver's own virtual meter, powered, with what was put into it.

use dianka_domain::card::CardImage;
use dianka_plugin_host::meter::{Content, Outcome, Setup, Snapshot};
use serde_json::{Value, json};

use super::Subject;
use super::cards::SETUP;
use crate::report::{Check, say};

/// One virtual meter. Everything that goes wrong with the driver is a failure of the check at hand.
pub(crate) struct Meter<'a> {
    subject: &'a Subject,
    state: Vec<u8>,
    /// What happened to it, for the report.
    story: Vec<Value>,
}

impl<'a> Meter<'a> {
    /// A fresh one, under voltage.
    pub(crate) fn new(subject: &'a Subject, check: &mut Check) -> Option<Self> {
        Self::of(subject, check, &SETUP)
    }

    fn of(subject: &'a Subject, check: &mut Check, setup: &Setup) -> Option<Self> {
        let shown = || json!({"setup": setup});
        let state = subject.must(check, "fresh", shown, |driver| driver.fresh(setup))?;
        let state = subject.must(check, "power", shown, |driver| driver.power(&state, true))?;
        Some(Self { subject, state, story: vec![json!({"fresh": setup})] })
    }

    /// Encodes `content` over `before` and puts the card in.
    pub(crate) fn buy(&mut self, check: &mut Check, content: &Content, before: &CardImage) -> Option<Outcome> {
        let shown = || json!({"content": content, "before": before});
        let card = self.subject.must(check, "encode", shown, |driver| driver.encode(content, before))?;
        self.story
            .push(json!({"insert": {"kind": content.kind, "system": content.system_code, "region": content.region,
            "user": content.user_no, "purchase": content.purchase, "params": content.params}}));
        self.put(check, &card)
    }

    /// Puts a card in that was encoded before.
    pub(crate) fn insert(&mut self, check: &mut Check, card: &CardImage) -> Option<Outcome> {
        self.story.push(json!({"insert": card}));
        self.put(check, card)
    }

    fn put(&mut self, check: &mut Check, card: &CardImage) -> Option<Outcome> {
        let story = || json!({"story": self.story});
        let outcome = self.subject.must(check, "insert", story, |driver| driver.insert(&self.state, card))?;
        self.state.clone_from(&outcome.state);
        let paid = outcome.accepted == outcome.loaded_wh.is_positive() && !outcome.loaded_wh.is_negative();
        let what = || {
            let wh = outcome.loaded_wh.wh();
            let (zh, en) = if outcome.accepted { ("是", "yes") } else { ("否", "no") };
            say(
                format!("accepted（已装入）为{zh}，loaded_wh 为 {wh} Wh，互相矛盾"),
                format!("accepted ({en}) and loaded_wh ({wh} Wh) contradict each other"),
            )
        };
        check.demand(paid, what, || self.shown(Some(&outcome)));
        Some(outcome)
    }

    pub(crate) fn pass(&mut self, check: &mut Check, seconds: u64, watts: u32) -> Option<()> {
        self.story.push(json!({"pass": {"seconds": seconds, "watts": watts}}));
        let story = || json!({"story": self.story});
        self.state = self.subject.must(check, "pass", story, |driver| driver.pass(&self.state, seconds, watts))?;
        Some(())
    }

    pub(crate) fn look(&self, check: &mut Check) -> Option<Snapshot> {
        let story = || json!({"story": self.story});
        self.subject.must(check, "look", story, |driver| driver.look(&self.state))
    }

    pub(crate) fn state(&self) -> &[u8] {
        &self.state
    }

    /// Demands that the last insertion ended in one of `codes`.
    pub(crate) fn expect(&self, check: &mut Check, outcome: &Outcome, codes: &[&str]) -> bool {
        check.case();
        let held = codes.contains(&outcome.code.as_str());
        let wanted = codes.join(" / ");
        let what = || {
            let zh = format!("应为 {wanted}，实为 {}（装入 {} Wh）", outcome.code, outcome.loaded_wh.wh());
            say(zh, format!("expected {wanted}, got {} ({} Wh loaded)", outcome.code, outcome.loaded_wh.wh()))
        };
        check.demand(held, what, || self.shown(Some(outcome)))
    }

    /// What happened so far, for the report.
    pub(crate) fn shown(&self, outcome: Option<&Outcome>) -> Value {
        let last = outcome.map(|o| json!({"code": o.code, "loaded_wh": o.loaded_wh, "display": o.display}));
        json!({"story": self.story, "outcome": last})
    }
}
