//! Card readers in software: real serial protocols on a pseudo-terminal, byte by byte.
//!
//! Line, slot, thread and faults are the same for all readers; what a reader makes of the bytes is one
//! implementation of `firmware::Firmware` for each [`Protocol`]. What stands behind each protocol, and what was decided
//! here because no public document says it, is at the head of its file.
//! Limits of a pseudo-terminal: no modem lines, no parity, no pace of its own, and nobody looks at its speed.

mod acr30;
mod ccid;
mod crt571;
mod firmware;
mod line;
mod memory;
mod options;
mod slot;
mod towitoko;
mod worker;

pub use options::{Protocol, ReaderOptions, UnknownProtocol};
pub use slot::SlotView;

use crate::card::{Card, Partial};
use line::Line;
use slot::Slot;
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use worker::{Control, Session, Shared, Worker};

/// There is a card in the slot, or one that was pulled out and not taken away; here is the new one back.
#[derive(Debug, thiserror::Error)]
#[error("the reader's slot is occupied")]
pub struct SlotOccupied(pub Box<Card>);

/// A running reader. Dropping it stops the thread and takes port and link away.
#[derive(Debug)]
pub struct ReaderSim {
    shared: Arc<Shared>,
    control: Sender<Control>,
    waker: UnixStream,
    thread: Option<JoinHandle<()>>,
}

impl ReaderSim {
    /// Plugs a reader in, with an empty slot. With `link` the port has that path for as long as it is plugged in;
    /// without, it has the path of its pseudo-terminal, which changes when it is plugged in again.
    ///
    /// # Errors
    /// No pseudo-terminal to be had, or `link` cannot be made.
    pub fn spawn(link: Option<&Path>, options: ReaderOptions) -> io::Result<Self> {
        let line = Line::open(link)?;
        let (waker, woken) = UnixStream::pair()?;
        waker.set_nonblocking(true)?;
        woken.set_nonblocking(true)?;
        let (control, controls) = channel();
        let session = Session::new(options.protocol);
        let shared = Arc::new(Shared {
            slot: Slot::default(),
            options: Mutex::new(options),
            path: Mutex::new(line.path().to_path_buf()),
        });
        let worker = Worker {
            shared: Arc::clone(&shared),
            line: Some(line),
            link: link.map(Path::to_path_buf),
            control: controls,
            waker: woken,
            session,
        };
        let thread = std::thread::Builder::new().name("lab-reader".to_owned()).spawn(move || worker.run())?;
        Ok(Self { shared, control, waker, thread: Some(thread) })
    }

    /// Where to open the port.
    pub fn port_path(&self) -> PathBuf {
        self.shared.path.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts a card in; an open port is told.
    ///
    /// # Errors
    /// The slot is occupied; the card comes back in the error.
    pub fn insert(&self, card: impl Into<Card>) -> Result<(), SlotOccupied> {
        self.shared.slot.insert(card.into())?;
        self.wake();
        Ok(())
    }

    /// Takes the card out, also in the middle of a write (between two of its bytes), or picks up the one that a tear
    /// pulled out.
    pub fn remove(&self) -> Option<Card> {
        let card = self.shared.slot.remove();
        self.wake();
        card
    }

    /// Puts the card back that a tear pulled out; false if there is none.
    pub fn reinsert(&self) -> bool {
        let done = self.shared.slot.reinsert();
        self.wake();
        done
    }

    /// Whether a card is in the slot.
    pub fn slot(&self) -> SlotView {
        self.shared.slot.view()
    }

    /// Looks at the card in the slot, or at the pulled one beside it.
    pub fn look<T>(&self, look: impl FnOnce(&Card) -> T) -> Option<T> {
        self.shared.slot.look(look)
    }

    /// Schedules a tear on the card in the slot, see [`crate::card::Body::tear_after`]; false without a card.
    pub fn tear_after(&self, operations: u32, partial: Partial) -> bool {
        self.shared.slot.tear_after(operations, partial)
    }

    /// Changes the behaviour from the next frame on.
    pub fn set_options(&self, change: impl FnOnce(&mut ReaderOptions)) {
        change(&mut self.shared.options.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Takes the reader's own supply away for a moment: card and reader forget what they were doing, and an open port is
    /// told where the protocol has a word for it.
    pub fn reset(&self) {
        let (done, wait) = channel();
        if self.control.send(Control::Reset(done)).is_ok() {
            self.wake();
            let _ = wait.recv();
        }
    }

    /// Pulls the cable: the port is gone, an open one fails. The card stays in the slot, without power.
    pub fn unplug(&self) {
        let (done, wait) = channel();
        if self.control.send(Control::Unplug(done)).is_ok() {
            self.wake();
            // A reader whose thread has ended is unplugged too.
            let _ = wait.recv();
        }
        let _ = self.shared.slot.with(|card| {
            card.power_off();
            Ok(())
        });
    }

    /// Plugs the cable in again, under the same link.
    ///
    /// # Errors
    /// No pseudo-terminal to be had, or the link cannot be made.
    pub fn replug(&self) -> io::Result<()> {
        let (done, wait) = channel();
        let gone = || io::Error::new(io::ErrorKind::BrokenPipe, "the reader's thread has ended");
        self.control.send(Control::Replug(done)).map_err(|_| gone())?;
        self.wake();
        wait.recv().map_err(|_| gone())?
    }

    fn wake(&self) {
        // A full socket has woken the thread already.
        let _ = (&self.waker).write(&[1]);
    }
}

impl Drop for ReaderSim {
    fn drop(&mut self) {
        let _ = self.control.send(Control::Stop);
        self.wake();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the reader's thread had panicked");
        }
    }
}
