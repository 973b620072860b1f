//! How a job ends when something fails: refused as long as nothing was touched, torn afterwards.

use super::{Job, Phase, Torn};
use crate::core::{Command, Ended, Event, Failure, FailureKind};
use crate::proto::{Hex, Step, TicketOutcome};

impl Job {
    pub(super) fn failed(&mut self, phase: &Phase, step: Step, why: Failure) -> Command {
        match phase {
            // The result could not be stored or sent; whoever drives the machine deals with that.
            Phase::Ended => self.refuse(why.kind.code(), None, why.detail),
            // A counter that cannot be read at the very end does not make the images wrong.
            Phase::CountingLast { first, second } => self.read_back(first.clone(), second.clone(), None),
            // Nothing has been touched, but a try may be gone: say how many are left.
            Phase::Presenting if why.kind.leaves_a_reader() => {
                self.go(Phase::CountingRefused(why), Command::ErrorCounter)
            }
            Phase::Presenting => self.refuse(present_code(&why), None, why.detail),
            _ if self.touched => self.torn(step, why, None),
            _ => self.refuse(why.kind.code(), None, why.detail),
        }
    }

    pub(super) fn after_refused_count(&mut self, why: Failure, event: &Event) -> Command {
        self.tries = counted(event);
        self.refuse(present_code(&why), None, why.detail)
    }

    /// Ends as torn, after a look at the card where one is still possible and needed.
    pub(super) fn torn(&mut self, step: Step, why: Failure, image: Option<Vec<u8>>) -> Command {
        let torn = Torn { step, why, image };
        if torn.why.kind.leaves_a_reader() {
            return self.go(Phase::CyclingTorn(torn), Command::PowerCycle);
        }
        self.torn_now(torn)
    }

    pub(super) fn after_torn_cycle(&mut self, torn: Torn, event: &Event) -> Command {
        match event {
            Event::Failed(_) => self.torn_now(torn),
            _ => self.go(Phase::ReadingTorn(torn), Command::ReadAll),
        }
    }

    pub(super) fn after_torn_read(&mut self, mut torn: Torn, event: Event) -> Command {
        let Event::Image(image) = event else { return self.torn_now(torn) };
        torn.image = Some(image);
        self.go(Phase::CountingTorn(torn), Command::ErrorCounter)
    }

    pub(super) fn after_torn_count(&mut self, torn: Torn, event: &Event) -> Command {
        self.tries = counted(event);
        self.torn_now(torn)
    }

    fn torn_now(&mut self, torn: Torn) -> Command {
        self.finish(TicketOutcome::Torn {
            image: torn.image.map(Hex),
            step: torn.step,
            code: torn.why.kind.code().into(),
            tries: self.tries,
            detail: torn.why.detail,
        })
    }

    pub(super) fn refuse(&mut self, code: &str, image: Option<Vec<u8>>, detail: String) -> Command {
        self.finish(TicketOutcome::Refused { code: code.into(), image: image.map(Hex), tries: self.tries, detail })
    }

    pub(super) fn finish(&mut self, outcome: TicketOutcome) -> Command {
        self.phase = Phase::Ended;
        Command::Finish(Ended { outcome, psc_changed: self.psc_changed })
    }
}

fn counted(event: &Event) -> Option<u8> {
    match event {
        Event::Tries(tries) => *tries,
        _ => None,
    }
}

pub(super) fn verify_failure(detail: &str) -> Failure {
    Failure { kind: FailureKind::Verify, detail: detail.into() }
}

/// A presentation that neither succeeded nor was answered may have spent a try: the server counts these.
fn present_code(why: &Failure) -> &'static str {
    match why.kind {
        FailureKind::WrongCode | FailureKind::Locked | FailureKind::Unsupported => why.kind.code(),
        _ => "psc.torn",
    }
}
