//! In the place of the bench where the lab's pseudo-terminals do not exist.

use std::path::Path;

use super::VirtualReader;
use crate::proto::{BenchCommand, ReaderSettings};

/// There is no bench here.
#[derive(Debug, thiserror::Error)]
#[error("the bench needs Unix")]
pub struct BenchError;

/// Never made.
#[derive(Debug)]
pub(super) enum Bench {}

impl Bench {
    pub(super) fn attach(_: &VirtualReader, _: u32, _: &Path) -> Result<Self, BenchError> {
        Err(BenchError)
    }

    pub(super) fn settings(&self) -> ReaderSettings {
        match *self {}
    }

    pub(super) fn obey(&self, _: &BenchCommand) -> Result<(), BenchError> {
        match *self {}
    }
}

pub(super) fn code(_: &BenchError) -> &'static str {
    "bench.off"
}
