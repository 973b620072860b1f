//! The reader's thread: one line, one firmware, one frame at a time, and the faults that are the same for all.

use super::firmware::{Firmware, Inbound, Inbox, Inside};
use super::line::{Line, Wake};
use super::options::{Protocol, ReaderOptions};
use super::slot::{Presence, Slot};
use super::{acr30, ccid, crt571, towitoko};
use crate::card::splitmix;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A frame that does not go on for this long is forgotten.
const STALLED: Duration = Duration::from_millis(500);
/// Pause between two looks whether a host has opened the port.
const NO_HOST_PAUSE_MS: u16 = 10;
/// Longest wait with a host there, and the look whether one has come.
const LOOK_MS: u16 = 100;
const GLANCE_MS: u16 = 1;

/// What the handle asks of the thread.
pub(super) enum Control {
    Unplug(Sender<()>),
    Replug(Sender<io::Result<()>>),
    Reset(Sender<()>),
    Stop,
}

/// What thread and handle share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) slot: Slot,
    pub(super) options: Mutex<ReaderOptions>,
    pub(super) path: Mutex<PathBuf>,
}

pub(super) struct Worker {
    pub(super) shared: Arc<Shared>,
    pub(super) line: Option<Line>,
    pub(super) link: Option<PathBuf>,
    pub(super) control: Receiver<Control>,
    pub(super) waker: UnixStream,
    pub(super) session: Session,
}

/// What lasts from one opening of the port to the next.
#[derive(Debug)]
pub(super) struct Session {
    host: bool,
    firmware: Box<dyn Firmware>,
    inbox: Inbox,
    last_byte: Option<Instant>,
    last_answer: Vec<u8>,
    announced: Option<Presence>,
    draws: u64,
}

impl Worker {
    pub(super) fn run(mut self) {
        loop {
            while let Ok(control) = self.control.try_recv() {
                match control {
                    Control::Stop => return,
                    Control::Unplug(done) => {
                        self.line = None;
                        self.session.close(&self.shared.slot);
                        let _ = done.send(());
                    }
                    Control::Reset(done) => {
                        self.session.reset(self.line.as_ref(), &self.shared);
                        let _ = done.send(());
                    }
                    Control::Replug(done) => {
                        let _ = done.send(self.replug());
                    }
                }
            }
            if let Err(error) = self.turn() {
                tracing::error!(%error, "the reader's line failed; it is unplugged now");
                self.line = None;
            }
        }
    }

    /// A new line for a reader that has power again: nothing of the old session is left.
    fn replug(&mut self) -> io::Result<()> {
        self.line = None;
        self.session.close(&self.shared.slot);
        self.session.reset(None, &self.shared);
        let line = Line::open(self.link.as_deref())?;
        *self.shared.path.lock().unwrap_or_else(PoisonError::into_inner) = line.path().to_path_buf();
        self.line = Some(line);
        Ok(())
    }

    fn turn(&mut self) -> io::Result<()> {
        let Some(line) = &self.line else {
            // Unplugged: only the handle can end that.
            self.waker.set_nonblocking(false)?;
            let mut byte = [0];
            let _ = self.waker.read(&mut byte)?;
            return self.waker.set_nonblocking(true);
        };
        let patience = if self.session.host { LOOK_MS } else { GLANCE_MS };
        match line.wait(self.waker.as_fd(), patience)? {
            Wake::Bytes => {
                let bytes = line.read();
                self.session.opened(&self.shared.slot);
                self.session.inbox.push(&bytes);
                self.session.last_byte = Some(Instant::now());
                self.session.serve_all(line, &self.shared);
            }
            Wake::NoHost => {
                if self.session.host {
                    self.session.close(&self.shared.slot);
                    if line.forget_unread().is_err() {
                        return self.replug();
                    }
                }
                std::thread::sleep(Duration::from_millis(NO_HOST_PAUSE_MS.into()));
            }
            Wake::Nothing => {
                self.session.opened(&self.shared.slot);
                self.session.forget_stalled(line, &self.shared);
            }
        }
        let mut drained = [0; 64];
        let _ = self.waker.read(&mut drained);
        if let Some(line) = &self.line {
            self.session.announce(line, &self.shared);
        }
        Ok(())
    }
}

impl Session {
    pub(super) fn new(protocol: Protocol) -> Self {
        Self {
            host: false,
            firmware: firmware(protocol),
            inbox: Inbox::default(),
            last_byte: None,
            last_answer: Vec::new(),
            announced: None,
            draws: 0,
        }
    }

    fn opened(&mut self, slot: &Slot) {
        if !self.host {
            self.host = true;
            self.announced = Some(slot.presence());
        }
    }

    fn close(&mut self, slot: &Slot) {
        if self.host {
            self.firmware.host_gone(slot);
        }
        self.host = false;
        self.announced = None;
        self.inbox.clear();
    }

    /// The reader gets its power anew, behind an open port or none.
    fn reset(&mut self, line: Option<&Line>, shared: &Shared) {
        let options = options(shared);
        self.firmware = firmware(options.protocol);
        self.inbox.clear();
        self.last_answer.clear();
        let _ = shared.slot.with(|card| {
            card.power_off();
            Ok(())
        });
        if let Some(line) = line.filter(|_| self.host && !options.silent && !options.garbage) {
            send(line, &self.firmware.greeting(), &options);
        }
    }

    /// Tells an open port that a card went or came.
    fn announce(&mut self, line: &Line, shared: &Shared) {
        let now = shared.slot.presence();
        let Some(before) = self.announced.replace(now).filter(|before| self.host && *before != now) else {
            return;
        };
        let options = options(shared);
        let notice = self.firmware.notice(before, now);
        if !options.silent && !options.garbage {
            send(line, &notice, &options);
        }
    }

    /// A frame that does not go on is forgotten.
    fn forget_stalled(&mut self, line: &Line, shared: &Shared) {
        if self.inbox.is_empty() || self.last_byte.is_none_or(|at| at.elapsed() <= STALLED) {
            return;
        }
        self.inbox.clear();
        let options = options(shared);
        if !options.silent && !options.garbage {
            send(line, self.firmware.stalled(), &options);
        }
    }

    fn serve_all(&mut self, line: &Line, shared: &Shared) {
        while let Some((inbound, raw)) = self.inbox.next(|bytes| self.firmware.cut(bytes)) {
            self.serve(line, shared, &inbound, &raw);
        }
    }

    fn serve(&mut self, line: &Line, shared: &Shared, inbound: &Inbound, raw: &[u8]) {
        let options = options(shared);
        if options.silent {
            return;
        }
        if options.garbage {
            let noise = splitmix(options.seed.wrapping_add(self.draws)).to_le_bytes();
            self.draws += 1;
            return line.write(&noise);
        }
        if self.firmware.echoes() && options.echo && *inbound != Inbound::Repeat {
            send(line, raw, &options);
        }
        match inbound {
            Inbound::Repeat => send(line, &self.last_answer, &options),
            Inbound::Damaged(refusal) => send(line, refusal, &options),
            Inbound::Command(_) if self.chance(options.nak_permille, options.seed) => {
                send(line, self.firmware.refusal(), &options);
            }
            Inbound::Command(command) => {
                send(line, self.firmware.receipt(), &options);
                self.answer(line, shared, command, &options);
            }
        }
    }

    fn answer(&mut self, line: &Line, shared: &Shared, command: &[u8], options: &ReaderOptions) {
        let answer = self.firmware.carry_out(command, &Inside { slot: &shared.slot, options });
        self.last_answer.clone_from(&answer);
        let mut sent = answer;
        if self.chance(options.corrupt_permille, options.seed) {
            let draw = splitmix(options.seed ^ self.draws);
            // After the bytes of the envelope, so that it is a damaged frame and not noise before one.
            let fixed = self.firmware.envelope();
            let open = u64::try_from(sent.len().saturating_sub(fixed)).unwrap_or(1).max(1);
            let at = usize::try_from(draw % open).unwrap_or(0) + fixed;
            if let Some(byte) = sent.get_mut(at) {
                *byte ^= 1 << (draw >> 60 & 7);
            }
        }
        send(line, &sent, options);
    }

    fn chance(&mut self, permille: u16, seed: u64) -> bool {
        self.draws += 1;
        permille > 0 && splitmix(seed.wrapping_add(self.draws)) % 1000 < u64::from(permille)
    }
}

fn options(shared: &Shared) -> ReaderOptions {
    shared.options.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn firmware(protocol: Protocol) -> Box<dyn Firmware> {
    match protocol {
        Protocol::CcidSerial => Box::new(ccid::Ccid::gem_pc()),
        Protocol::CcidAcs => Box::new(ccid::Ccid::acs()),
        Protocol::Acr30 => Box::new(acr30::Acr30::default()),
        Protocol::Crt571 => Box::new(crt571::Crt571),
        Protocol::Towitoko => Box::new(towitoko::Towitoko::default()),
    }
}

fn send(line: &Line, bytes: &[u8], options: &ReaderOptions) {
    if bytes.is_empty() {
        return;
    }
    if options.slow_ms_per_byte == 0 {
        return line.write(bytes);
    }
    for byte in bytes {
        line.write(std::slice::from_ref(byte));
        std::thread::sleep(Duration::from_millis(options.slow_ms_per_byte.into()));
    }
}
