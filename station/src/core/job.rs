//! The step machine.

mod ending;

use dianka_domain::card::ERASED;
use dianka_domain::card::password::Trust;

use super::{Chip, Command, Event, Failure, FailureKind, Run, Steps};
use crate::proto::{CardPassword, Hex, JournalStage, Step, TicketOutcome};
use ending::verify_failure;

/// Rewrites of bytes that read back wrong, and of a seal that does not erase.
const REWRITES: u8 = 2;

/// What a job works on; fixed from the start.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) before: Vec<u8>,
    pub(super) target: Vec<u8>,
    /// None when the image is already right: then nothing is presented and nothing written.
    pub(super) steps: Option<Steps>,
    /// Present exactly when something is to be written.
    pub(super) password: Option<CardPassword>,
    pub(super) trust: Trust,
    /// None for a card that is not written: then there are no steps and no password.
    pub(super) chip: Option<Chip>,
    /// The reader cannot tell the tries, and the ticket was taken all the same.
    pub(super) blind: bool,
}

impl Task {
    /// Whether a try is missing, as far as it was told.
    fn misses_a_try(&self, told: Option<u8>) -> bool {
        told.is_some_and(|told| self.chip.is_none_or(|chip| !chip.has_all(told)))
    }
}

/// Where the machine waits.
#[derive(Debug)]
enum Phase {
    Receiving,
    CyclingFirst,
    Comparing,
    CountingTries,
    Arming,
    Presenting,
    CountingPresented,
    ErasingSeal {
        again: u8,
    },
    CheckingSeal {
        again: u8,
    },
    WritingBody {
        left: Vec<Run>,
        again: u8,
    },
    VerifyingBody {
        again: u8,
    },
    ArmingChange,
    ChangingCode,
    CyclingChanged,
    CountingChanged,
    ProvingCode,
    WritingSeal,
    CyclingLast,
    FirstRead,
    SecondRead {
        first: Vec<u8>,
    },
    CountingLast {
        first: Vec<u8>,
        second: Vec<u8>,
    },
    /// Something failed after the first byte: look at what is there.
    CyclingTorn(Torn),
    ReadingTorn(Torn),
    CountingTorn(Torn),
    /// The password failed: look at the counter, then stop.
    CountingRefused(Failure),
    Ended,
}

impl Phase {
    fn is_read_back_next(&self) -> bool {
        matches!(self, Self::ErasingSeal { .. } | Self::WritingBody { .. } | Self::WritingSeal)
    }
}

#[derive(Debug)]
struct Torn {
    step: Step,
    why: Failure,
    image: Option<Vec<u8>>,
}

/// A running job.
#[derive(Debug)]
pub struct Job {
    task: Task,
    phase: Phase,
    /// A byte may have been touched, or the password changed.
    touched: bool,
    psc_changed: Option<bool>,
    /// The last counter that was read.
    tries: Option<u8>,
}

/// Begins a job. The first command journals that the ticket was received.
pub(super) fn start_task(task: Task) -> (Job, Command) {
    let job = Job { task, phase: Phase::Receiving, touched: false, psc_changed: None, tries: None };
    (job, Command::Journal(JournalStage::Received))
}

/// Begins a job from a ticket that [`super::accept`] took.
#[must_use]
pub fn start(accepted: super::accept::Accepted) -> (Job, Command) {
    start_task(accepted.task)
}

impl Job {
    /// Whether this job may present although the reader does not tell the tries.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        self.task.blind
    }

    /// What a clerk sees being done.
    #[must_use]
    pub fn step(&self) -> Step {
        match &self.phase {
            Phase::Receiving | Phase::CyclingFirst | Phase::Comparing | Phase::CountingTries => Step::Compare,
            Phase::Arming | Phase::Presenting | Phase::CountingPresented | Phase::CountingRefused(_) => Step::Present,
            Phase::ErasingSeal { .. } | Phase::CheckingSeal { .. } => Step::EraseSeal,
            Phase::WritingBody { .. } => Step::Body,
            Phase::VerifyingBody { .. } => Step::VerifyBody,
            Phase::ArmingChange | Phase::ChangingCode => Step::ChangeCode,
            Phase::CyclingChanged | Phase::CountingChanged | Phase::ProvingCode => Step::VerifyCode,
            Phase::WritingSeal => Step::Seal,
            Phase::CyclingLast
            | Phase::FirstRead
            | Phase::SecondRead { .. }
            | Phase::CountingLast { .. }
            | Phase::Ended => Step::ReadBack,
            Phase::CyclingTorn(torn) | Phase::ReadingTorn(torn) | Phase::CountingTorn(torn) => torn.step,
        }
    }

    /// Takes what came of the last command and says what is next. After `Finish` it only says `Finish` again.
    pub fn next(&mut self, event: Event) -> Command {
        let step = self.step();
        match std::mem::replace(&mut self.phase, Phase::Ended) {
            Phase::CyclingTorn(torn) => self.after_torn_cycle(torn, &event),
            Phase::ReadingTorn(torn) => self.after_torn_read(torn, event),
            Phase::CountingTorn(torn) => self.after_torn_count(torn, &event),
            Phase::CountingRefused(why) => self.after_refused_count(why, &event),
            phase => match event {
                // The answer to a write was lost on the line. What follows every write is a read that tells.
                Event::Failed(Failure { kind: FailureKind::Garbled, .. }) if phase.is_read_back_next() => {
                    self.proceed(phase, step, Event::Done)
                }
                Event::Failed(why) => self.failed(&phase, step, why),
                event => self.proceed(phase, step, event),
            },
        }
    }

    fn proceed(&mut self, phase: Phase, step: Step, event: Event) -> Command {
        match (phase, event) {
            (Phase::Receiving, Event::Done) => self.go(Phase::CyclingFirst, Command::PowerCycle),
            (Phase::CyclingFirst, Event::Done) => self.go(Phase::Comparing, Command::ReadAll),
            (Phase::Comparing, Event::Image(image)) => self.compared(image),
            (Phase::CountingTries, Event::Tries(tries)) => self.counted(tries),
            (Phase::Arming, Event::Done) => self.present(),
            (Phase::Presenting, Event::Done) => self.go(Phase::CountingPresented, Command::ErrorCounter),
            (Phase::CountingPresented, Event::Tries(tries)) => self.presented(tries),
            (Phase::ErasingSeal { again }, Event::Done) => self.go(Phase::CheckingSeal { again }, Command::ReadAll),
            (Phase::CheckingSeal { again }, Event::Image(image)) => self.seal_checked(&image, again),
            (Phase::WritingBody { left, again }, Event::Done) => self.write_body(left, again),
            (Phase::VerifyingBody { again }, Event::Image(image)) => self.body_verified(image, again),
            (Phase::ArmingChange, Event::Done) => self.change_code(),
            (Phase::ChangingCode, Event::Done) => self.go(Phase::CyclingChanged, Command::PowerCycle),
            (Phase::CyclingChanged, Event::Done) => self.go(Phase::CountingChanged, Command::ErrorCounter),
            (Phase::CountingChanged, Event::Tries(tries)) => self.prove_code(tries),
            (Phase::ProvingCode, Event::Done) => {
                self.psc_changed = Some(true);
                self.write_seal()
            }
            (Phase::WritingSeal, Event::Done) => self.go(Phase::CyclingLast, Command::PowerCycle),
            (Phase::CyclingLast, Event::Done) => self.go(Phase::FirstRead, Command::ReadAll),
            (Phase::FirstRead, Event::Image(first)) => self.go(Phase::SecondRead { first }, Command::ReadAll),
            (Phase::SecondRead { first }, Event::Image(second)) => {
                self.go(Phase::CountingLast { first, second }, Command::ErrorCounter)
            }
            (Phase::CountingLast { first, second }, Event::Tries(tries)) => self.read_back(first, second, tries),
            (Phase::Ended, _) => self.refuse("ticket.ended", None, "the job had ended".into()),
            (phase, event) => {
                let detail = format!("an answer that does not belong to {step:?}: {event:?}");
                self.failed(&phase, step, Failure { kind: FailureKind::Driver, detail })
            }
        }
    }

    fn go(&mut self, phase: Phase, command: Command) -> Command {
        self.phase = phase;
        command
    }

    fn compared(&mut self, image: Vec<u8>) -> Command {
        if image != self.task.before {
            return self.refuse("ticket.before_differs", Some(image), String::new());
        }
        if self.task.password.is_none() {
            // Nothing to write, so nothing to present: prove what is there.
            return self.go(Phase::CyclingLast, Command::PowerCycle);
        }
        self.go(Phase::CountingTries, Command::ErrorCounter)
    }

    fn counted(&mut self, tries: Option<u8>) -> Command {
        self.tries = tries;
        match super::accept::may_present(tries, &self.task) {
            Ok(()) => self.go(Phase::Arming, Command::Journal(JournalStage::Writing)),
            Err(code) => self.refuse(code, Some(self.task.before.clone()), String::new()),
        }
    }

    fn present(&mut self) -> Command {
        match &self.task.password {
            Some(password) => {
                let command = Command::Present(password.present.clone());
                self.go(Phase::Presenting, command)
            }
            None => self.refuse("ticket.no_password", None, String::new()),
        }
    }

    fn presented(&mut self, tries: Option<u8>) -> Command {
        self.tries = tries;
        if self.task.misses_a_try(tries) {
            // "Verified" and yet a try is missing: this is not the card or the reader that we think it is.
            return self.refuse("psc.counter", None, String::new());
        }
        match &self.task.steps {
            Some(steps) if steps.erase_seal => self.erase_seal(0),
            Some(steps) => {
                let body = steps.body.clone();
                self.write_body(body, 0)
            }
            None => self.after_body(),
        }
    }

    fn erase_seal(&mut self, again: u8) -> Command {
        self.touched = true;
        let offset = self.task.steps.as_ref().map_or(0, |steps| steps.seal);
        self.go(Phase::ErasingSeal { again }, Command::Write(Run { offset, bytes: vec![ERASED] }))
    }

    /// The body is written only over a seal that reads erased; everything else must be as it was.
    fn seal_checked(&mut self, image: &[u8], again: u8) -> Command {
        let Some(steps) = &self.task.steps else { return self.after_body() };
        let mut expected = self.task.before.clone();
        if let Some(seal) = expected.get_mut(steps.seal) {
            *seal = ERASED;
        }
        if image == expected {
            let body = steps.body.clone();
            return self.write_body(body, 0);
        }
        if again < REWRITES {
            return self.erase_seal(again + 1);
        }
        self.torn(Step::EraseSeal, verify_failure("the seal does not erase"), Some(image.to_vec()))
    }

    fn write_body(&mut self, mut left: Vec<Run>, again: u8) -> Command {
        if left.is_empty() {
            return self.go(Phase::VerifyingBody { again }, Command::ReadAll);
        }
        self.touched = true;
        let run = left.remove(0);
        self.go(Phase::WritingBody { left, again }, Command::Write(run))
    }

    fn body_verified(&mut self, image: Vec<u8>, again: u8) -> Command {
        let Some(steps) = &self.task.steps else { return self.after_body() };
        let sealed = image.get(steps.seal).is_none_or(|seal| *seal != ERASED);
        match steps.repair(&image, &self.task.target) {
            Some(repair) if repair.is_empty() && !sealed => self.after_body(),
            Some(repair) if !repair.is_empty() && !sealed && again < REWRITES => self.write_body(repair, again + 1),
            _ => self.torn(Step::VerifyBody, verify_failure("the body does not read back"), Some(image)),
        }
    }

    fn after_body(&mut self) -> Command {
        let changes = self.task.password.as_ref().is_some_and(|password| password.change_to.is_some());
        if changes && self.psc_changed.is_none() {
            return self.go(Phase::ArmingChange, Command::Journal(JournalStage::ChangingCode));
        }
        self.write_seal()
    }

    fn change_code(&mut self) -> Command {
        let Some(code) = self.new_code() else { return self.write_seal() };
        self.touched = true;
        self.psc_changed = Some(false);
        self.go(Phase::ChangingCode, Command::ChangeCode(code))
    }

    fn prove_code(&mut self, tries: Option<u8>) -> Command {
        self.tries = tries;
        if self.task.misses_a_try(tries) {
            return self.torn(Step::VerifyCode, verify_failure("a try is missing after the change"), None);
        }
        let Some(code) = self.new_code() else { return self.write_seal() };
        self.go(Phase::ProvingCode, Command::Present(code))
    }

    fn new_code(&self) -> Option<crate::proto::Secret> {
        self.task.password.as_ref().and_then(|password| password.change_to.clone())
    }

    fn write_seal(&mut self) -> Command {
        match &self.task.steps {
            Some(steps) => {
                let run = Run { offset: steps.seal, bytes: vec![steps.seal_value] };
                self.touched = true;
                self.go(Phase::WritingSeal, Command::Write(run))
            }
            None => self.go(Phase::CyclingLast, Command::PowerCycle),
        }
    }

    fn read_back(&mut self, first: Vec<u8>, second: Vec<u8>, tries: Option<u8>) -> Command {
        self.tries = tries;
        if first == self.task.target && second == self.task.target {
            return self.finish(TicketOutcome::Written { image1: Hex(first), image2: Hex(second), tries });
        }
        if self.touched {
            let why = verify_failure("the card does not read back as the target");
            return self.torn(Step::ReadBack, why, Some(second));
        }
        self.refuse("ticket.before_differs", Some(second), String::new())
    }
}
