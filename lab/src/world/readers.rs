//! Readers of the bench: each follows the card whose place it is.

use super::card_file::CardFile;
use super::error::WorldError;
use super::files::try_for;
use super::{CardId, Place, World};
use crate::reader::{ReaderSim, SlotView};
use nix::fcntl::Flock;
use std::fs::File;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How soon a reader follows what another process changed.
pub(super) const TICK: Duration = Duration::from_millis(25);

/// A reader that is in step with the bench.
#[derive(Debug)]
pub(super) struct Station {
    world: World,
    workstation: u32,
    sim: ReaderSim,
    held: Mutex<Option<CardId>>,
    stop: AtomicBool,
    /// Says to all processes that this workstation has its reader.
    _lock: Flock<File>,
}

/// A workstation's reader on the bench. Dropping it takes the reader away; the card's place stays, so the next reader
/// of that workstation has it again.
#[derive(Debug)]
pub struct AttachedReader {
    station: Arc<Station>,
    thread: Option<JoinHandle<()>>,
}

impl AttachedReader {
    /// The reader itself, for its port, its options and its cable. Cards go in and out through the bench.
    pub fn sim(&self) -> &ReaderSim {
        &self.station.sim
    }

    /// Whose reader it is.
    pub fn workstation(&self) -> u32 {
        self.station.workstation
    }
}

impl Drop for AttachedReader {
    fn drop(&mut self) {
        self.station.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("the thread of a bench reader had panicked");
            }
        }
        // Lets go of the card's file, even if a caller of `World` still has the station for a moment.
        let mut held = self.station.held.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.station.sim.remove());
        *held = None;
    }
}

impl World {
    /// Makes `sim` the reader of a workstation: from now on the card whose place is [`Place::Reader`] of it is in its
    /// slot, also one that was there before this process started.
    ///
    /// # Errors
    /// [`WorldError::WorkstationTaken`] while another reader, here or in another process, is that workstation's.
    pub fn attach_reader(&self, workstation: u32, sim: ReaderSim) -> Result<AttachedReader, WorldError> {
        let path = self.files().path("readers", workstation, "lock");
        let lock = try_for(&path).map_err(|error| match error {
            WorldError::Busy(_) => WorldError::WorkstationTaken(workstation),
            other => other,
        })?;
        let station = Arc::new(Station {
            world: self.clone(),
            workstation,
            sim,
            held: Mutex::default(),
            stop: AtomicBool::new(false),
            _lock: lock,
        });
        self.inner.stations.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&station));
        station.sync();
        let followed = Arc::clone(&station);
        let thread = std::thread::Builder::new()
            .name(format!("lab-bench-{workstation}"))
            .spawn(move || followed.follow())
            .map_err(|source| WorldError::Io { path, source })?;
        Ok(AttachedReader { station, thread: Some(thread) })
    }
}

impl Station {
    /// Follows the bench until the reader is taken away.
    fn follow(&self) {
        let mut seen = None;
        while !self.stop.load(Ordering::Acquire) {
            // Read before the work, so that a change during it is not missed.
            let now = self.world.files().changes();
            if (seen != Some(now) || self.sim.slot() == SlotView::Pulled) && self.sync() {
                seen = Some(now);
            }
            std::thread::park_timeout(TICK);
        }
    }

    /// One step; false if it has to be tried again.
    pub(super) fn sync(&self) -> bool {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if self.stop.load(Ordering::Acquire) {
            return true;
        }
        match self.step(&mut held) {
            Ok(()) => true,
            Err(WorldError::Busy(_)) => false,
            Err(error) => {
                tracing::warn!(%error, workstation = self.workstation, "the reader cannot follow the bench");
                false
            }
        }
    }

    fn step(&self, held: &mut Option<CardId>) -> Result<(), WorldError> {
        let place = Place::Reader(self.workstation);
        if self.sim.slot() == SlotView::Pulled
            && let Some(id) = held.take()
        {
            // Let go of first: whoever sees it in the drawer may put it back at once.
            drop(self.sim.remove());
            self.world.change(id, |meta| {
                if meta.place == place {
                    meta.place = Place::Drawer;
                }
                Ok(())
            })?;
        }
        let wanted = self.world.card_in(place)?;
        if *held != wanted {
            drop(self.sim.remove());
            *held = None;
        }
        let Some(id) = wanted else { return Ok(()) };
        if held.is_none() {
            let card = CardFile::open(&self.world.cells_path(id))?.into_card()?;
            if self.sim.insert(card).is_err() {
                // Somebody put a card past the bench; it stays, and so does the message.
                return Err(WorldError::Busy(self.world.cells_path(id)));
            }
            *held = Some(id);
        }
        if self.world.meta(id)?.tear.is_some() {
            self.world.change(id, |meta| {
                if let Some(tear) = meta.tear.take() {
                    self.sim.tear_after(tear.operations, tear.partial());
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}
