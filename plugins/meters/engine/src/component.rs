//! The engine behind the contract's two interfaces.

use core::marker::PhantomData;

use dianka_sdk::meter::driver::{self, PlanRequest, QuantityPlan};
use dianka_sdk::meter::simulator::{self, Outcome, Setup, Snapshot};
use dianka_sdk::meter::types::{AccessRule, CardImage, Content, Description, Purchase, Refusal, Returned};

use crate::meter::{self, Meter};
use crate::profile::Standard;
use crate::{access, decode, describe, encode, plan};

/// Says which standard a driver is for.
pub trait Rules {
    /// The standard.
    const STANDARD: Standard;
}

/// A driver for a standard: give it to `dianka_sdk::export_meter!`.
pub struct Driver<R>(PhantomData<R>);

impl<R: Rules> driver::Guest for Driver<R> {
    fn describe() -> Description {
        describe::describe(&R::STANDARD)
    }

    fn plan(request: PlanRequest) -> Result<QuantityPlan, Refusal> {
        plan::plan(&R::STANDARD, &request)
    }

    fn encode(content: Content, before: CardImage) -> Result<CardImage, Refusal> {
        encode::encode(&R::STANDARD, &content, &before)
    }

    fn decode(image: CardImage) -> Result<Content, Refusal> {
        decode::decode(&R::STANDARD, &image)
    }

    fn access(content: Content) -> Result<AccessRule, Refusal> {
        access::access(&R::STANDARD, &content)
    }
}

impl<R: Rules> simulator::Guest for Driver<R> {
    fn fresh(setup: Setup) -> Result<Vec<u8>, Refusal> {
        Meter::fresh(&setup).map(|meter| meter.to_bytes(&R::STANDARD))
    }

    fn restore(setup: Setup, last: Purchase, returned: Returned) -> Result<Vec<u8>, Refusal> {
        Meter::restore(&R::STANDARD, &setup, &last, &returned).map(|meter| meter.to_bytes(&R::STANDARD))
    }

    fn insert(state: Vec<u8>, card: CardImage) -> Result<Outcome, Refusal> {
        Meter::from_bytes(&R::STANDARD, &state)?.insert(&R::STANDARD, &card)
    }

    fn pass(state: Vec<u8>, seconds: u64, watts: u32) -> Result<Vec<u8>, Refusal> {
        let mut meter = Meter::from_bytes(&R::STANDARD, &state)?;
        meter.pass(&R::STANDARD, seconds, watts);
        Ok(meter.to_bytes(&R::STANDARD))
    }

    fn power(state: Vec<u8>, on: bool) -> Result<Vec<u8>, Refusal> {
        let mut meter = Meter::from_bytes(&R::STANDARD, &state)?;
        meter.power(on);
        Ok(meter.to_bytes(&R::STANDARD))
    }

    fn look(state: Vec<u8>) -> Result<Snapshot, Refusal> {
        Meter::from_bytes(&R::STANDARD, &state).map(|meter| meter::snapshot(&R::STANDARD, &meter))
    }
}
