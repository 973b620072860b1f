//! What a contract major must be able to do for meters. Call sites know this, and never a version.

use dianka_domain::card::CardImage;
use dianka_keys::KeyRule;

use super::{
    AccessRule, Content, Description, Outcome, PlanRequest, Purchase, QuantityPlan, Refusal, Returned, Setup, Snapshot,
};
use crate::fault::Fault;
use crate::token::{Prepared, TokenContent, TokenFacts, TokenMeter, TokenRequest};

/// A driver's answer, if the driver worked at all.
pub(crate) type Answer<T> = Result<Result<T, Refusal>, Fault>;

/// One loaded meter driver behind one major of the contract. Every method runs in a fresh instance.
pub(crate) trait MeterAdapter: Send + Sync {
    /// The description, converted and not yet validated.
    fn describe(&self) -> Result<Description, Fault>;
    fn plan(&self, request: &PlanRequest) -> Answer<QuantityPlan>;
    fn encode(&self, content: &Content, chip: &str, before: &CardImage) -> Answer<CardImage>;
    fn decode(&self, chip: &str, image: &CardImage) -> Answer<Content>;
    /// Decodes many images in one fresh instance.
    fn decode_each(&self, chip: &str, images: &[CardImage]) -> Result<Vec<Result<Content, Refusal>>, Fault>;
    fn access(&self, content: &Content) -> Answer<AccessRule>;
    fn fresh(&self, setup: &Setup) -> Answer<Vec<u8>>;
    fn restore(&self, setup: &Setup, last: &Purchase, returned: &Returned) -> Answer<Vec<u8>>;
    fn insert(&self, state: &[u8], chip: &str, card: &CardImage) -> Answer<Outcome>;
    fn pass(&self, state: &[u8], seconds: u64, watts: u32) -> Answer<Vec<u8>>;
    fn power(&self, state: &[u8], on: bool) -> Answer<Vec<u8>>;
    fn look(&self, state: &[u8]) -> Answer<Snapshot>;
    /// What the driver has for tokens, if it has that.
    fn tokens(&self) -> Option<&dyn TokenAdapter> {
        None
    }
}

/// The optional interface of token meters. Every method runs in a fresh instance.
pub(crate) trait TokenAdapter: Send + Sync {
    /// The facts, converted and not yet validated.
    fn facts(&self) -> Result<TokenFacts, Fault>;
    fn key(&self, meter: &TokenMeter) -> Answer<KeyRule>;
    fn prepare(&self, request: &TokenRequest) -> Answer<Prepared>;
    fn compose(&self, class: u8, cipher_block: &[u8]) -> Answer<String>;
    /// Class and cipher block.
    fn dissect(&self, digits: &str) -> Answer<(u8, Vec<u8>)>;
    fn read(&self, meter: &TokenMeter, class: u8, block: &[u8]) -> Answer<TokenContent>;
}
