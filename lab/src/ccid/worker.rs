//! The reader's thread: one line, one device, one frame at a time.

use super::device::Device;
use super::frame::{CARD_IN, CARD_OUT, Inbound, Message, NAK_FRAME, Parser};
use super::line::{Line, Wake};
use super::options::ReaderOptions;
use super::slot::{Presence, Slot};
use crate::sle4442::splitmix;
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
#[derive(Debug, Default)]
pub(super) struct Session {
    host: bool,
    device: Device,
    parser: Parser,
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
                        self.session.close();
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
        self.session = Session { draws: self.session.draws, ..Session::default() };
        let _ = self.shared.slot.with(|card| {
            card.power_off();
            Ok(())
        });
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
                self.session.parser.push(&bytes);
                self.session.last_byte = Some(Instant::now());
                while let Some(inbound) = self.session.parser.next() {
                    self.session.serve(line, &self.shared, inbound);
                }
            }
            Wake::NoHost => {
                if self.session.host {
                    self.session.close();
                    if line.forget_unread().is_err() {
                        return self.replug();
                    }
                }
                std::thread::sleep(Duration::from_millis(NO_HOST_PAUSE_MS.into()));
            }
            Wake::Nothing => {
                self.session.opened(&self.shared.slot);
                if self.session.last_byte.is_some_and(|at| at.elapsed() > STALLED) && !self.session.parser.is_empty() {
                    self.session.parser.clear();
                }
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
    fn opened(&mut self, slot: &Slot) {
        if !self.host {
            self.host = true;
            self.announced = Some(slot.presence());
        }
    }

    fn close(&mut self) {
        self.host = false;
        self.announced = None;
        self.parser.clear();
    }

    /// Tells an open port that a card went or came.
    fn announce(&mut self, line: &Line, shared: &Shared) {
        let now = shared.slot.presence();
        let Some(before) = self.announced.replace(now).filter(|before| self.host && *before != now) else {
            return;
        };
        let options = options(shared);
        if options.silent || options.garbage {
            return;
        }
        if before.card {
            line.write(&CARD_OUT);
        }
        if now.card {
            line.write(&CARD_IN);
        }
    }

    fn serve(&mut self, line: &Line, shared: &Shared, inbound: Inbound) {
        let options = options(shared);
        if options.silent {
            return;
        }
        if options.garbage {
            let noise = splitmix(options.seed.wrapping_add(self.draws)).to_le_bytes();
            self.draws += 1;
            return line.write(&noise);
        }
        match inbound {
            Inbound::Repeat => send(line, &self.last_answer, &options),
            Inbound::Damaged(raw) => {
                echo(line, &raw, &options);
                send(line, &NAK_FRAME, &options);
            }
            Inbound::Message(message, raw) => {
                echo(line, &raw, &options);
                if self.chance(options.nak_permille, options.seed) {
                    return send(line, &NAK_FRAME, &options);
                }
                self.answer(line, shared, &message, &options);
            }
        }
    }

    fn answer(&mut self, line: &Line, shared: &Shared, message: &Message, options: &ReaderOptions) {
        let answer = self.device.answer(&shared.slot, options.slots(), message, options.cell_time).encode();
        self.last_answer.clone_from(&answer);
        let mut sent = answer;
        if self.chance(options.corrupt_permille, options.seed) {
            let draw = splitmix(options.seed ^ self.draws);
            // After the two bytes of the envelope, so that it is a damaged frame and not noise before one.
            let at = usize::try_from(draw % u64::try_from(sent.len().saturating_sub(2)).unwrap_or(1)).unwrap_or(0) + 2;
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

fn echo(line: &Line, raw: &[u8], options: &ReaderOptions) {
    if options.echo {
        send(line, raw, options);
    }
}

fn send(line: &Line, bytes: &[u8], options: &ReaderOptions) {
    if options.slow_ms_per_byte == 0 {
        return line.write(bytes);
    }
    for byte in bytes {
        line.write(std::slice::from_ref(byte));
        std::thread::sleep(Duration::from_millis(options.slow_ms_per_byte.into()));
    }
}
