//! What a meter driver runs in: a store with nothing but its limits.

use wasmtime::Store;

use crate::engine::DriverEngine;
use crate::fault::Fault;
use crate::limits::{self, METER, Tallied, Tally};

/// Data of a store.
pub(super) struct Guest(Tally);

impl Tallied for Guest {
    fn tally(&mut self) -> &mut Tally {
        &mut self.0
    }
}

/// An interface of types only, in each of its versions.
impl super::meter::bindings::dianka::meter::types::Host for Guest {}
impl super::tokens::bindings::dianka::meter::types::Host for Guest {}

/// Runs `work` in a store of its own. `work` instantiates and makes one call; [`limits::arm`] precedes every further one.
pub(super) fn in_fresh_store<R>(
    engine: &DriverEngine,
    work: impl FnOnce(&mut Store<Guest>) -> wasmtime::Result<R>,
) -> Result<R, Fault> {
    let mut store = limits::store(engine.engine(), Guest(Tally::new(engine.ticks(), METER)));
    let done = work(&mut store);
    done.map_err(|error| Fault::while_running(&error, store.data_mut().tally()))
}
