//! What a driver may take, and who counts it.
//!
//! CPU time is counted in ticks of the engine's clock. Each store's deadline is always the next tick; when the guest
//! meets it, a callback takes one tick off the call's budget and sets the deadline to the tick after. Waiting on the
//! line inside the host is thereby free: a wall-clock deadline would kill honest readers that wait for a slow card.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use wasmtime::{Engine, ResourceLimiter, Store, UpdateDeadline};

/// One tick of the engine's clock.
pub(crate) const TICK: Duration = Duration::from_millis(10);

/// Linear memory of one instance, all of its memories together, bytes.
pub(crate) const MEMORY_BYTES: usize = 16 * 1024 * 1024;

/// The most linear memory that an instance of this program has had since it was asked for last, bytes.
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// The most linear memory that any instance has had since this was asked last, bytes: for figures.
pub fn take_peak_memory() -> usize {
    PEAK.swap(0, Ordering::Relaxed)
}

const TABLE_ELEMENTS: usize = 4096;
const TABLES: usize = 4;
const MEMORIES: usize = 4;
const CORE_INSTANCES: usize = 16;
const HANDLES: usize = 64;

/// After a call's wall time is over, reads return at once. A driver that makes an honest end of that has this long.
const WALL_GRACE: Duration = Duration::from_secs(1);

/// What one call may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    /// Ticks of guest time.
    pub(crate) ticks: u32,
    /// Bytes that the guest may hand to the host at once.
    pub(crate) handover: usize,
    /// Wall time, for guests that can wait.
    pub(crate) wall: Option<Duration>,
}

/// A call of a meter driver: it has nothing to wait for.
pub(crate) const METER: Budget = Budget { ticks: 10, handover: 1024 * 1024, wall: None };

/// A call of a reader driver.
pub(crate) const fn reader(wall: Duration) -> Budget {
    Budget { ticks: 50, handover: 256 * 1024, wall: Some(wall) }
}

/// Why the host stopped a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stop {
    #[error("its {0} ticks of CPU time are used up")]
    Cpu(u32),
    #[error("its wall time of {0:?} is over")]
    Wall(Duration),
}

/// Counts for one store. Lives in the store's data.
pub(crate) struct Tally {
    ticks: Arc<AtomicU64>,
    budget: Budget,
    used: u32,
    wall_end: Option<Instant>,
    waited: bool,
    memory_held: usize,
    memory_denied: Option<usize>,
}

/// Data of a store that is counted.
pub(crate) trait Tallied: Send + 'static {
    /// The counts.
    fn tally(&mut self) -> &mut Tally;
}

impl Tally {
    pub(crate) fn new(ticks: &Arc<AtomicU64>, budget: Budget) -> Self {
        Self {
            ticks: Arc::clone(ticks),
            budget,
            used: 0,
            wall_end: None,
            waited: false,
            memory_held: 0,
            memory_denied: None,
        }
    }

    /// Bytes that were asked for and not granted, if that happened.
    pub(crate) fn memory_denied(&self) -> Option<usize> {
        self.memory_denied
    }

    /// Runs `wait`, which may block on something outside, without charging the guest for it.
    pub(crate) fn free_of_charge<R>(&mut self, wait: impl FnOnce() -> R) -> R {
        let before = self.ticks.load(Ordering::Relaxed);
        let answer = wait();
        // Only a wait that saw a tick go by is excused, and only that once; else a guest that calls the host often
        // enough would never be charged.
        self.waited |= self.ticks.load(Ordering::Relaxed) != before;
        answer
    }

    /// The latest instant up to which the host may wait for `want`; an error once the call is beyond all patience.
    pub(crate) fn wait_until(&self, want: Duration) -> Result<Instant, Stop> {
        let now = Instant::now();
        self.check_wall(now)?;
        let wanted = now.checked_add(want).unwrap_or(now);
        Ok(self.wall_end.map_or(wanted, |end| wanted.min(end)))
    }

    fn check_wall(&self, now: Instant) -> Result<(), Stop> {
        match (self.wall_end, self.budget.wall) {
            (Some(end), Some(wall)) if now.saturating_duration_since(end) >= WALL_GRACE => Err(Stop::Wall(wall)),
            _ => Ok(()),
        }
    }

    fn on_tick(&mut self) -> wasmtime::Result<UpdateDeadline> {
        self.check_wall(Instant::now())?;
        if std::mem::take(&mut self.waited) {
            return Ok(UpdateDeadline::Continue(1));
        }
        self.used = self.used.saturating_add(1);
        if self.used >= self.budget.ticks {
            return Err(Stop::Cpu(self.budget.ticks).into());
        }
        Ok(UpdateDeadline::Continue(1))
    }
}

impl ResourceLimiter for Tally {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let total = self.memory_held.saturating_sub(current).saturating_add(desired);
        if total > MEMORY_BYTES {
            // The guest's allocator will abort, which looks like any other trap; so the reason is kept here.
            self.memory_denied = Some(total);
            return Ok(false);
        }
        self.memory_held = total;
        PEAK.fetch_max(total, Ordering::Relaxed);
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS)
    }

    fn instances(&self) -> usize {
        CORE_INSTANCES
    }

    fn tables(&self) -> usize {
        TABLES
    }

    fn memories(&self) -> usize {
        MEMORIES
    }
}

/// A new store under all limits, armed for its first call.
pub(crate) fn store<T: Tallied>(engine: &Engine, data: T) -> Store<T> {
    let mut store = Store::new(engine, data);
    store.limiter(|data| data.tally());
    store.set_max_component_handles(HANDLES);
    store.epoch_deadline_callback(|mut context| context.data_mut().tally().on_tick());
    arm(&mut store);
    store
}

/// Gives the next call its whole budget. Must precede every call.
pub(crate) fn arm<T: Tallied>(store: &mut Store<T>) {
    let tally = store.data_mut().tally();
    tally.used = 0;
    tally.waited = false;
    tally.wall_end = tally.budget.wall.and_then(|wall| Instant::now().checked_add(wall));
    let handover = tally.budget.handover;
    store.set_hostcall_fuel(handover);
    store.set_epoch_deadline(1);
}

/// Changes what the next calls may take.
pub(crate) fn set_budget<T: Tallied>(store: &mut Store<T>, budget: Budget) {
    store.data_mut().tally().budget = budget;
}
