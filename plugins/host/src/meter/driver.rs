//! The handle of a loaded meter driver.

use std::sync::Arc;

use dianka_domain::card::CardImage;
use dianka_plugin_package::Notice;

use super::{
    AccessRule, Answer, Content, Description, MeterAdapter, Outcome, PlanRequest, Purchase, QuantityPlan, Refusal,
    Returned, Setup, Snapshot, TokenAdapter,
};
use crate::about::About;
use crate::fault::{CallError, Fault};
use crate::health::Health;
use crate::token::TokenFacts;
use crate::verify::IntegrityFault;

/// A meter driver that is loaded and ready. Cheap to clone; a clone goes on working when the driver's file is replaced
/// or removed.
///
/// Calls block, for some ten microseconds as a rule and for about 100 ms at most.
#[derive(Clone)]
pub struct MeterDriver(Arc<Loaded>);

struct Loaded {
    about: About,
    description: Description,
    adapter: Box<dyn MeterAdapter>,
    /// Of a standard whose carrier is a token.
    tokens: Option<TokenFacts>,
    health: Arc<Health>,
}

impl std::fmt::Debug for MeterDriver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("MeterDriver").field(&self.0.about).finish()
    }
}

impl MeterDriver {
    pub(crate) fn new(
        about: About,
        description: Description,
        adapter: Box<dyn MeterAdapter>,
        tokens: Option<TokenFacts>,
        health: Arc<Health>,
    ) -> Self {
        Self(Arc::new(Loaded { about, description, adapter, tokens, health }))
    }

    /// Id, version and hash: what a sale stores.
    pub fn about(&self) -> &About {
        &self.0.about
    }

    /// What the driver said about itself when it was loaded.
    pub fn describe(&self) -> &Description {
        &self.0.description
    }

    /// Why the driver is out of service, if it is.
    pub fn quarantine(&self) -> Option<Notice> {
        self.0.health.quarantine()
    }

    /// Faults since the program started.
    pub fn faults(&self) -> u64 {
        self.0.health.faults()
    }

    /// Takes the driver out of service at once: it gave an answer that would have cost somebody money.
    pub fn report_integrity_fault(&self, fault: &IntegrityFault) {
        self.condemn(fault.notice());
    }

    /// The same for any reason.
    pub(crate) fn condemn(&self, notice: Notice) {
        self.0.health.integrity(notice);
    }

    /// What is there of a standard whose carrier is a token.
    pub(super) fn token_side(&self) -> Option<(&TokenFacts, &dyn TokenAdapter)> {
        Some((self.0.tokens.as_ref()?, self.0.adapter.tokens()?))
    }

    /// Quantity on the carrier. Not in quarantine.
    pub fn plan(&self, request: &PlanRequest) -> Result<QuantityPlan, CallError> {
        self.in_service()?;
        self.settle("plan", self.0.adapter.plan(request))
    }

    /// The whole target image, from what is on the card now. Not in quarantine. The answer is input, not truth: check
    /// it with [`crate::verify_encode`].
    pub fn encode(&self, content: &Content, before: &CardImage) -> Result<CardImage, CallError> {
        self.in_service()?;
        self.encode_unguarded(content, before)
    }

    /// What a card says.
    pub fn decode(&self, image: &CardImage) -> Result<Content, CallError> {
        self.settle("decode", self.0.adapter.decode(self.chip(), image))
    }

    /// How the password of a card with this content comes about.
    pub fn access(&self, content: &Content) -> Result<AccessRule, CallError> {
        self.settle("access", self.0.adapter.access(content))
    }

    /// A virtual meter as it left the factory.
    pub fn fresh(&self, setup: &Setup) -> Result<Vec<u8>, CallError> {
        self.settle("fresh", self.0.adapter.fresh(setup))
    }

    /// A virtual meter as the real one was when it last wrote `returned`, with the limits of `last`.
    pub fn restore(&self, setup: &Setup, last: &Purchase, returned: &Returned) -> Result<Vec<u8>, CallError> {
        self.settle("restore", self.0.adapter.restore(setup, last, returned))
    }

    /// Puts a card into the virtual meter.
    pub fn insert(&self, state: &[u8], card: &CardImage) -> Result<Outcome, CallError> {
        self.settle("insert", self.0.adapter.insert(state, self.chip(), card))
    }

    /// Lets time pass under a constant load.
    pub fn pass(&self, state: &[u8], seconds: u64, watts: u32) -> Result<Vec<u8>, CallError> {
        self.settle("pass", self.0.adapter.pass(state, seconds, watts))
    }

    /// Switches the virtual meter's supply on or off.
    pub fn power(&self, state: &[u8], on: bool) -> Result<Vec<u8>, CallError> {
        self.settle("power", self.0.adapter.power(state, on))
    }

    /// Looks at the virtual meter.
    pub fn look(&self, state: &[u8]) -> Result<Snapshot, CallError> {
        self.settle("look", self.0.adapter.look(state))
    }

    /// Like [`Self::encode`], also in quarantine: for checks, not for sales.
    pub(crate) fn encode_unguarded(&self, content: &Content, before: &CardImage) -> Result<CardImage, CallError> {
        self.settle("encode", self.0.adapter.encode(content, self.chip(), before))
    }

    /// Decodes many images in one fresh instance, under the limits of one call.
    pub fn decode_each(&self, images: &[CardImage]) -> Result<Vec<Result<Content, Refusal>>, CallError> {
        Ok(self.0.adapter.decode_each(self.chip(), images).map_err(|fault| self.failed("decode", fault))?)
    }

    fn chip(&self) -> &str {
        &self.0.description.layout.chip
    }

    pub(super) fn in_service(&self) -> Result<(), CallError> {
        self.quarantine().map_or(Ok(()), |notice| Err(CallError::Quarantined(notice)))
    }

    pub(super) fn settle<T>(&self, during: &str, answer: Answer<T>) -> Result<T, CallError> {
        answer.map_err(|fault| self.failed(during, fault))?.map_err(CallError::Refusal)
    }

    pub(super) fn failed(&self, during: &str, fault: Fault) -> Fault {
        self.0.health.fault(during, &fault);
        fault
    }
}
