//! A card, a ticket for it, and a driver of the machine that watches the rules while it obeys.

use dianka_domain::card::password::Trust;
use dianka_domain::card::{CardImage, ERASED, Layout, WritePlan};
use dianka_lab::card::{Answer, CardError, Partial};
use dianka_lab::sle4442::Sle4442;

use crate::core::job::{Job, Task, start_task};
use crate::core::{Chip, Command, Ended, Event, Failure, FailureKind, Run, Steps};
use crate::proto::{CardPassword, JournalStage, Secret};

pub const SEAL: usize = 0x40;
pub const SEALED: u8 = 0x68;
pub const OLD_CODE: [u8; 3] = [0x11, 0x22, 0x33];
pub const NEW_CODE: [u8; 3] = [0xA1, 0xB2, 0xC3];

/// A card with a purchase on it: identity, sealed frame, returned data.
pub fn old_image() -> Vec<u8> {
    let mut image: Vec<u8> = (0..=255).map(|at: u8| if at < 0x20 { at ^ 0x5A } else { 0xFF }).collect();
    image[..4].copy_from_slice(&[0xA2, 0x13, 0x10, 0x91]);
    image[0x20..0x40].copy_from_slice(&[0x31; 32]);
    image[0x40..0x63].copy_from_slice(&[0x42; 35]);
    image[SEAL] = SEALED;
    image[0xC0..0xE0].copy_from_slice(&[0x77; 32]);
    image
}

/// The next purchase on the same card: some bytes need an erase, some a program, some both.
pub fn new_image() -> Vec<u8> {
    let mut image = old_image();
    image[0x3E] = 0x32;
    image[0x3F] = 0x11;
    for (at, byte) in [(0x48, 0x43), (0x49, 0x00), (0x4A, 0xFF), (0x50, 0x17), (0x62, 0x16)] {
        image[at] = byte;
    }
    image
}

/// A card from the maker.
pub fn blank_image() -> Vec<u8> {
    let mut image = old_image();
    image[0x20..].fill(0xFF);
    image
}

/// The same purchase as the first one of a blank card: the meter has written nothing yet.
pub fn opened_image() -> Vec<u8> {
    let mut image = new_image();
    image[0xC0..].fill(0xFF);
    image
}

pub fn card(image: &[u8], code: [u8; 3], counter: u8) -> Sle4442 {
    let mut card = Sle4442::with(image, code, counter);
    card.power_on().unwrap();
    card
}

pub fn password(present: [u8; 3], change_to: Option<[u8; 3]>) -> CardPassword {
    let secret = |code: [u8; 3]| Secret::new(code.to_vec());
    CardPassword { present: secret(present), change_to: change_to.map(secret) }
}

pub fn task(before: &[u8], target: &[u8], change_to: Option<[u8; 3]>) -> Task {
    let plan = WritePlan::build(&image(before), &image(target), &layout()).unwrap();
    let steps = Steps::check(&plan, before, target).unwrap();
    let code = if change_to.is_some() { [0xFF; 3] } else { OLD_CODE };
    let password = (steps.is_some() || change_to.is_some()).then(|| password(code, change_to));
    let (before, target, chip) = (before.to_vec(), target.to_vec(), Some(Chip::Sle4442));
    Task { before, target, steps, password, trust: Trust::VerifiedOnThisCard, chip, blind: false }
}

pub fn image(bytes: &[u8]) -> CardImage {
    CardImage::new(bytes.to_vec())
}

/// Where the seal is; the host writes everything from 20 to BF.
pub fn layout() -> Layout {
    serde_json::from_value(serde_json::json!({
        "chip": "sle4442", "size": 256, "seal_offset": SEAL, "seal_value": SEALED, "fields": [],
        "writable": [{"offset": 0x20, "len": 0xA0}], "returned": [],
    }))
    .unwrap()
}

/// The steps that only write the seal again.
pub fn refresh(target: &[u8]) -> Option<Steps> {
    Steps::check(&WritePlan::refresh(&layout()), target, target).unwrap()
}

/// What was done, in order, for the tests of the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Did {
    Journal(JournalStage),
    PowerCycle,
    ReadAll,
    Count,
    Present([u8; 3]),
    Change([u8; 3]),
    Write(Run),
}

/// Drives a job and fails the test at once when a rule breaks.
pub struct Rig {
    pub card: Sle4442,
    pub did: Vec<Did>,
    /// Answers this command (by its position) with a failure instead of doing it.
    pub fail_at: Option<(usize, FailureKind)>,
    /// Does the command and then loses its answer.
    pub lose_answer_at: Option<usize>,
    /// Reads this position with a flipped bit.
    pub garble_read_at: Option<usize>,
    /// What the reader tells of the tries, before a presentation and after it, instead of the card's own.
    pub told: Option<[Option<u8>; 2]>,
    /// A cell that takes no write.
    pub stuck: Option<usize>,
    presented_since_power_up: u32,
    writing_journalled: bool,
    sealed: bool,
}

impl Rig {
    pub fn new(card: Sle4442) -> Self {
        Self {
            card,
            did: Vec::new(),
            fail_at: None,
            lose_answer_at: None,
            garble_read_at: None,
            told: None,
            stuck: None,
            presented_since_power_up: 0,
            writing_journalled: false,
            sealed: false,
        }
    }

    pub fn torn_after(card: Sle4442, operations: u32, partial: Partial) -> Self {
        let mut rig = Self::new(card);
        rig.card.tear_after(operations, partial);
        rig
    }

    pub fn run(&mut self, task: Task) -> Ended {
        self.sealed = self.card.image()[SEAL] != ERASED;
        let (mut job, mut command) = start_task(task);
        for _ in 0..200 {
            if let Command::Finish(ended) = command {
                return ended;
            }
            let event = self.obey(&job, command);
            command = job.next(event);
        }
        panic!("the machine does not end: {:?}", self.did);
    }

    fn obey(&mut self, job: &Job, command: Command) -> Event {
        let position = self.did.len();
        let did = self.note(job, &command);
        self.did.push(did);
        if let Some((_, kind)) = self.fail_at.filter(|(at, _)| *at == position) {
            if kind == FailureKind::WrongCode {
                return self.do_it(Command::Present(Secret::new(vec![0, 1, 2])), position);
            }
            return failed(kind);
        }
        let event = self.do_it(command, position);
        if self.lose_answer_at == Some(position) { failed(FailureKind::Garbled) } else { event }
    }

    /// The rules of the sale protocol, checked before each command is carried out.
    fn note(&mut self, job: &Job, command: &Command) -> Did {
        let writes = matches!(command, Command::Write(_) | Command::Present(_) | Command::ChangeCode(_));
        assert!(!writes || self.writing_journalled, "{:?} before the journal said WRITING", job.step());
        match command {
            Command::Journal(stage) => {
                self.writing_journalled |= *stage == JournalStage::Writing;
                Did::Journal(*stage)
            }
            Command::PowerCycle => {
                self.presented_since_power_up = 0;
                Did::PowerCycle
            }
            Command::Present(code) => {
                self.presented_since_power_up += 1;
                assert!(self.presented_since_power_up == 1, "presented twice in one power-up");
                Did::Present(code.expose().try_into().unwrap())
            }
            Command::ChangeCode(code) => Did::Change(code.expose().try_into().unwrap()),
            Command::Write(run) => {
                let seals = run.offset == SEAL;
                assert!(seals || !self.sealed, "a body byte written under a valid seal: {run:?}");
                assert!(!seals || run.bytes.len() == 1, "the seal written together with other bytes");
                if seals {
                    self.sealed = run.bytes[0] != ERASED;
                }
                Did::Write(run.clone())
            }
            Command::ReadAll => Did::ReadAll,
            Command::ErrorCounter => Did::Count,
            Command::Finish(_) => unreachable!("a finished job is not obeyed"),
        }
    }

    fn do_it(&mut self, command: Command, position: usize) -> Event {
        if self.card.is_pulled() {
            return failed(FailureKind::NoCard);
        }
        match command {
            Command::PowerCycle => {
                self.card.power_off();
                self.card.power_on().unwrap();
                Event::Done
            }
            Command::ReadAll => {
                let mut image = self.card.image();
                if self.garble_read_at == Some(position) {
                    image[0x50] ^= 1;
                }
                Event::Image(image)
            }
            Command::ErrorCounter if self.told.is_some() => {
                let [before, after] = self.told.unwrap();
                Event::Tries(if self.did.iter().any(|did| matches!(did, Did::Present(_))) { after } else { before })
            }
            Command::ErrorCounter => Event::Tries(Some(u8::try_from(self.card.error_counter().count_ones()).unwrap())),
            Command::Present(code) => match self.card.present(code.expose().try_into().unwrap()) {
                Ok((7, _)) => Event::Done,
                Ok((0, _)) => failed(FailureKind::Locked),
                Ok(_) => failed(FailureKind::WrongCode),
                Err(error) => from_card(&error),
            },
            Command::ChangeCode(code) => {
                let codes = (1..).zip(code.expose()).map(|(address, byte)| self.card.command(0x39, address, *byte));
                answer(codes.collect())
            }
            Command::Write(run) => {
                let start = u8::try_from(run.offset).unwrap();
                let stuck = self.stuck.and_then(|at| u8::try_from(at).ok());
                let bytes = (start..).zip(&run.bytes).filter(|(address, _)| Some(*address) != stuck);
                let done = bytes.map(|(address, byte)| self.card.command(0x38, address, *byte)).collect();
                answer(done)
            }
            Command::Journal(_) | Command::Finish(_) => Event::Done,
        }
    }
}

fn answer(done: Result<Vec<Answer>, CardError>) -> Event {
    match done {
        Ok(_) => Event::Done,
        Err(error) => from_card(&error),
    }
}

fn from_card(error: &CardError) -> Event {
    failed(match error {
        CardError::Pulled => FailureKind::NoCard,
        CardError::Locked => FailureKind::Locked,
        _ => FailureKind::Refused,
    })
}

pub fn failed(kind: FailureKind) -> Event {
    Event::Failed(Failure { kind, detail: String::new() })
}
