//! A line in memory. Its clock runs only while the driver waits, so that a silent reader costs no time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use dianka_plugin_host::reader::{LineSettings, Port, PortError};

use super::transcript::{Step, Transcript};
use crate::chance::Chance;

/// First byte of an answer on a slow line, ms.
const SLOW_FIRST_MS: u64 = 200;
/// Each byte after it takes so many times the bits of a byte (with start, parity and stop), and a millisecond at least.
const SLOW_BITS: u64 = 4 * 11;

/// What is wrong with the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nothing.
    None,
    /// Bytes come late and one by one, four times as slow as the line's speed.
    Slow,
    /// The port was closed or unplugged.
    Closed,
    /// From this answer on, nothing comes any more.
    Silent(usize),
    /// Half of this answer, then nothing.
    Cut(usize),
    /// These bytes instead of this answer, then nothing.
    Garbage(usize, Vec<u8>),
    /// There is no transcript: noise answers everything.
    Noise(u64),
}

/// What the driver sent when the transcript says something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mismatch {
    /// The bytes of the transcript's line `H`; none where it has no such line, but an answer or its end.
    pub(super) expected: Option<Vec<u8>>,
    /// All that was sent for that line.
    pub(super) sent: Vec<u8>,
    /// The first byte that differs, counted from 0.
    pub(super) at: usize,
    /// Which of the transcript's lines `H` and `R`, counted from 0.
    pub(super) step: usize,
}

/// A line `H` that was not sent, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Missing {
    /// Its bytes.
    pub(super) expected: Vec<u8>,
    /// How many of them were sent.
    pub(super) sent: usize,
    /// Which of the transcript's lines `H` and `R`, counted from 0.
    pub(super) step: usize,
    /// Lines that did not happen, this one included.
    pub(super) left: usize,
}

struct State {
    /// Hosts' and readers' bytes only.
    script: Vec<Step>,
    next: usize,
    /// Bytes of the next host step that were sent.
    sent: usize,
    answers: usize,
    input: VecDeque<(u8, u64)>,
    clock: u64,
    baud: u64,
    trouble: Trouble,
    noise: Chance,
    dead: bool,
    mismatch: Option<Mismatch>,
    frames: Vec<Vec<u8>>,
}

/// One end is the driver's port, the other the check's.
#[derive(Clone)]
pub(super) struct Line(Arc<Mutex<State>>);

impl Line {
    pub(super) fn new(transcript: Option<&Transcript>, trouble: Trouble) -> Self {
        let steps = transcript.map(|transcript| transcript.steps.clone()).unwrap_or_default();
        let noise = Chance::new(if let Trouble::Noise(seed) = &trouble { *seed } else { 0 });
        let mut state = State {
            script: steps.into_iter().filter(|step| !matches!(step, Step::Call(..))).collect(),
            next: 0,
            sent: 0,
            answers: 0,
            input: VecDeque::new(),
            clock: 0,
            baud: 9600,
            trouble,
            noise,
            dead: false,
            mismatch: None,
            frames: Vec::new(),
        };
        state.answer();
        Self(Arc::new(Mutex::new(state)))
    }

    /// Milliseconds on the line's clock.
    pub(super) fn clock(&self) -> u64 {
        self.lock().clock
    }

    /// What was sent since the last look, a piece for each `write`.
    pub(super) fn take_frames(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.lock().frames)
    }

    /// The first byte that the transcript does not have.
    pub(super) fn mismatch(&self) -> Option<Mismatch> {
        self.lock().mismatch.clone()
    }

    /// The first line of the transcript that did not happen, if there is one.
    pub(super) fn missing(&self) -> Option<Missing> {
        let state = self.lock();
        let left = state.script.len().saturating_sub(state.next);
        let (Step::Host(expected) | Step::Reader(expected)) = state.script.get(state.next)? else { return None };
        Some(Missing { expected: expected.clone(), sent: state.sent, step: state.next, left })
    }

    /// Whether the trouble has begun.
    pub(super) fn is_dead(&self) -> bool {
        self.lock().dead
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Gives out the answers that are due.
    fn answer(&mut self) {
        while let Some(Step::Reader(bytes)) = self.script.get(self.next).filter(|_| !self.dead).cloned() {
            self.next = self.next.saturating_add(1);
            let number = self.answers;
            self.answers = self.answers.saturating_add(1);
            let (bytes, dead) = match &self.trouble {
                Trouble::Silent(at) if *at == number => (Vec::new(), true),
                Trouble::Cut(at) if *at == number => (bytes.iter().take(bytes.len() / 2).copied().collect(), true),
                Trouble::Garbage(at, noise) if *at == number => (noise.clone(), true),
                _ => (bytes, false),
            };
            self.dead = dead;
            self.deliver(&bytes);
        }
    }

    fn deliver(&mut self, bytes: &[u8]) {
        let slow = self.trouble == Trouble::Slow;
        let mut at = if slow { self.clock.saturating_add(SLOW_FIRST_MS) } else { self.clock };
        at = self.input.back().map_or(at, |(_, last)| at.max(*last));
        let pause = SLOW_BITS.saturating_mul(1000).checked_div(self.baud).unwrap_or_default().max(1);
        for byte in bytes {
            self.input.push_back((*byte, at));
            at = at.saturating_add(if slow { pause } else { 0 });
        }
    }

    fn hear(&mut self, bytes: &[u8]) {
        if let Trouble::Noise(_) = self.trouble {
            let len = self.noise.within(0, 80);
            let noise: Vec<u8> = (0..len).map(|_| u8::try_from(self.noise.next() & 0xFF).unwrap_or_default()).collect();
            return self.deliver(&noise);
        }
        if self.dead || self.mismatch.is_some() {
            return;
        }
        for (number, byte) in bytes.iter().enumerate() {
            let expected = match self.script.get(self.next) {
                Some(Step::Host(expected)) => Some(expected),
                _ => None,
            };
            if expected.and_then(|expected| expected.get(self.sent)) != Some(byte) {
                // What went before on this line was as recorded.
                let before = expected.into_iter().flatten().take(self.sent);
                let sent = before.chain(bytes.iter().skip(number)).copied().collect();
                let mismatch = Mismatch { expected: expected.cloned(), sent, at: self.sent, step: self.next };
                return self.mismatch = Some(mismatch);
            }
            self.sent = self.sent.saturating_add(1);
            if expected.is_some_and(|expected| self.sent == expected.len()) {
                (self.sent, self.next) = (0, self.next.saturating_add(1));
                self.answer();
            }
        }
    }

    /// Takes up to `len` bytes that come within `wait` ms.
    fn take(&mut self, len: usize, wait: u64) -> Result<Vec<u8>, PortError> {
        let end = self.clock.saturating_add(wait);
        let ready = self.input.iter().take(len).take_while(|(_, at)| *at <= end).count();
        let taken: Vec<(u8, u64)> = self.input.drain(..ready).collect();
        let bytes = taken.iter().map(|(byte, _)| *byte).collect();
        if ready == len {
            self.clock = taken.last().map_or(self.clock, |(_, at)| self.clock.max(*at));
            return Ok(bytes);
        }
        self.clock = end;
        Err(PortError::Timeout(bytes))
    }
}

impl Port for Line {
    fn configure(&mut self, settings: LineSettings) -> Result<(), PortError> {
        let mut state = self.lock();
        state.baud = u64::from(settings.baud);
        if state.trouble == Trouble::Closed { Err(PortError::Closed) } else { Ok(()) }
    }

    fn write(&mut self, bytes: &[u8], _: Instant) -> Result<(), PortError> {
        let mut state = self.lock();
        if state.trouble == Trouble::Closed {
            return Err(PortError::Closed);
        }
        state.frames.push(bytes.to_vec());
        state.hear(bytes);
        Ok(())
    }

    fn read(&mut self, len: usize, deadline: Instant) -> Result<Vec<u8>, PortError> {
        let wait = deadline.saturating_duration_since(Instant::now()).as_micros().div_ceil(1000);
        let mut state = self.lock();
        if state.trouble == Trouble::Closed {
            return Err(PortError::Closed);
        }
        state.take(len, u64::try_from(wait).unwrap_or(u64::MAX))
    }

    fn flush_input(&mut self) -> Result<(), PortError> {
        let mut state = self.lock();
        let now = state.clock;
        state.input.retain(|(_, at)| *at > now);
        if state.trouble == Trouble::Closed { Err(PortError::Closed) } else { Ok(()) }
    }
}
