//! Calls a driver, one after the other, over a line.

use std::time::Duration;

use dianka_plugin_host::Registry;
use dianka_plugin_host::reader::{Port, ReaderCallError, ReaderDriver, ReaderSession};
use serde_json::{Value, json};

use super::line::Line;
use super::transcript::{Answer, Call};
use crate::report::{Check, say};
use crate::words::reader_called;

/// The host ends a call after so long.
const WALL_MS: u64 = 15_000;

/// A reader driver and how much is tried on it.
pub struct Subject {
    host: Registry,
    driver: ReaderDriver,
    pub(super) seed: u64,
    pub(super) cases: u64,
}

/// How one call went.
pub(super) struct Played {
    pub(super) call: Call,
    pub(super) answer: Answer,
    /// What it sent meanwhile.
    pub(super) frames: Vec<Vec<u8>>,
    /// Whether the line was dead when it ended.
    pub(super) dead: bool,
}

impl Subject {
    /// The driver as `host` loaded it.
    #[must_use]
    pub fn new(host: Registry, driver: ReaderDriver, seed: u64, cases: u64) -> Self {
        Self { host, driver, seed, cases }
    }

    /// A session over `port`; a driver that cannot even start is a failure.
    fn open(&self, check: &mut Check, port: Box<dyn Port>) -> Option<ReaderSession> {
        match self.driver.open(port) {
            Ok(session) => Some(session),
            Err(error) => {
                let why = reader_called(&error);
                check.fault(say(format!("无法启动：{}", why.zh), format!("it does not start: {}", why.en)), json!({}));
                self.host.release(self.driver.about().digest);
                None
            }
        }
    }

    /// Makes `calls` in one session until one of them fails as a driver must not: a fault, or more time than a call has.
    pub(super) fn play(
        &self,
        check: &mut Check,
        line: &Line,
        calls: &[Call],
        shown: impl Fn(&Call) -> Value,
    ) -> Vec<Played> {
        let mut played = Vec::new();
        let Some(mut session) = self.open(check, Box::new(line.clone())) else { return played };
        for call in calls {
            let begun = line.clock();
            let outcome = make(&mut session, call);
            let took = line.clock().saturating_sub(begun);
            if took > WALL_MS {
                let zh = format!("{call} 等待了 {took} 毫秒，系统在 {WALL_MS} 毫秒后中止");
                check.fail(say(zh, format!("{call} waits {took} ms; the host ends it after {WALL_MS}")), shown(call));
            }
            let answer = match outcome {
                Ok(answer) => answer,
                Err(ReaderCallError::Reader(error)) => Answer::Error(error.kind),
                Err(fault) => {
                    let why = reader_called(&fault);
                    let zh = format!("{call} 使驱动出错：{}", why.zh);
                    check.fault(say(zh, format!("{call}: {}", why.en)), shown(call));
                    self.host.release(self.driver.about().digest);
                    return played;
                }
            };
            played.push(Played { call: call.clone(), answer, frames: line.take_frames(), dead: line.is_dead() });
        }
        played
    }
}

/// One call.
pub(super) fn make(session: &mut ReaderSession, call: &Call) -> Result<Answer, ReaderCallError> {
    session.set_wall(Duration::from_millis(WALL_MS));
    match call {
        Call::Probe => session.probe().map(|_| Answer::Done),
        Call::Poll => session.poll().map(Answer::Flag),
        Call::PowerOn => session.power_on().map(|_| Answer::Done),
        Call::Read(offset, len) => session.read(*offset, *len).map(Answer::Bytes),
        Call::ErrorCounter => session.error_counter().map(Answer::Tries),
        Call::Present(code) => session.present(code).map(|()| Answer::Done),
        Call::Write(offset, bytes) => session.write(*offset, bytes).map(|()| Answer::Done),
        Call::ChangeCode(code) => session.change_code(code).map(|()| Answer::Done),
        Call::PowerOff => session.power_off().map(|()| Answer::Done),
    }
}

/// How often `code` went over the line.
pub(super) fn times_sent(frames: &[Vec<u8>], code: &[u8]) -> usize {
    let has = |frame: &&Vec<u8>| !code.is_empty() && frame.windows(code.len()).any(|part| part == code);
    frames.iter().filter(has).count()
}
