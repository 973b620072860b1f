//! What the bench needs of a meter standard: the part `simulator` of a meter driver.

use dianka_domain::card::{ByteRange, CardImage};
use dianka_plugin_host::CallError;
use dianka_plugin_host::meter::{MeterDriver, Outcome, Setup, Snapshot};

/// The virtual meter of a standard. State is opaque bytes; the bench keeps it.
pub trait MeterModel {
    /// The areas of the card that only the meter writes. The first byte of each is written last and marks the rest as
    /// whole.
    fn returned_areas(&self) -> Vec<ByteRange>;
    /// A meter as it leaves its factory.
    ///
    /// # Errors
    /// A refusal or a fault of the driver, here and below.
    fn fresh(&self, setup: &Setup) -> Result<Vec<u8>, CallError>;
    /// A card goes in.
    ///
    /// # Errors
    /// As above.
    fn insert(&self, state: &[u8], card: &CardImage) -> Result<Outcome, CallError>;
    /// Time passes under a constant load.
    ///
    /// # Errors
    /// As above.
    fn pass(&self, state: &[u8], seconds: u64, watts: u32) -> Result<Vec<u8>, CallError>;
    /// Mains on or off.
    ///
    /// # Errors
    /// As above.
    fn power(&self, state: &[u8], on: bool) -> Result<Vec<u8>, CallError>;
    /// What the meter holds and shows.
    ///
    /// # Errors
    /// As above.
    fn look(&self, state: &[u8]) -> Result<Snapshot, CallError>;
}

impl MeterModel for MeterDriver {
    fn returned_areas(&self) -> Vec<ByteRange> {
        self.describe().layout.returned.clone()
    }

    fn fresh(&self, setup: &Setup) -> Result<Vec<u8>, CallError> {
        Self::fresh(self, setup)
    }

    fn insert(&self, state: &[u8], card: &CardImage) -> Result<Outcome, CallError> {
        Self::insert(self, state, card)
    }

    fn pass(&self, state: &[u8], seconds: u64, watts: u32) -> Result<Vec<u8>, CallError> {
        Self::pass(self, state, seconds, watts)
    }

    fn power(&self, state: &[u8], on: bool) -> Result<Vec<u8>, CallError> {
        Self::power(self, state, on)
    }

    fn look(&self, state: &[u8]) -> Result<Snapshot, CallError> {
        Self::look(self, state)
    }
}
