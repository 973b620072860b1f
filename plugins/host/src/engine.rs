//! The engine that all drivers of a registry run on, and its clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use wasmtime::{Engine, EngineWeak};

use crate::engine_config::engine_config;
use crate::fault::Fault;
use crate::limits::TICK;

/// An engine with its one ticker. Cheap to clone.
///
/// There must be exactly one ticker per engine: several would speed up each other's guests' clocks.
#[derive(Clone)]
pub(crate) struct DriverEngine {
    engine: Engine,
    ticks: Arc<AtomicU64>,
}

impl DriverEngine {
    /// Starts an engine. The ticker ends by itself when the last clone and the last driver are gone.
    pub(crate) fn start() -> Result<Self, Fault> {
        let engine = Engine::new(&engine_config()).map_err(|error| Fault::Host(format!("{error:#}")))?;
        let ticks = Arc::new(AtomicU64::new(0));
        let (weak, count) = (engine.weak(), Arc::clone(&ticks));
        thread::Builder::new()
            .name("driver-ticks".to_owned())
            .spawn(move || tick_until_gone(&weak, &count))
            .map_err(|error| Fault::Host(format!("the ticker does not start: {error}")))?;
        Ok(Self { engine, ticks })
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Ticks since the start.
    pub(crate) fn ticks(&self) -> &Arc<AtomicU64> {
        &self.ticks
    }
}

fn tick_until_gone(engine: &EngineWeak, count: &AtomicU64) {
    loop {
        thread::sleep(TICK);
        let Some(engine) = engine.upgrade() else { return };
        count.fetch_add(1, Ordering::Relaxed);
        engine.increment_epoch();
    }
}
