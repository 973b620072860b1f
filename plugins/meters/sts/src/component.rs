//! The driver behind the contract's three interfaces.

use crate::contract::driver::{self, PlanRequest, QuantityPlan};
use crate::contract::simulator::{self, Outcome, Setup, Snapshot};
use crate::contract::tokens::{self, Dissected, KeyRule, Prepared, TokenContent, TokenFacts, TokenMeter, TokenRequest};
use crate::contract::types::{AccessRule, CardImage, Content, Description, Purchase, Refusal, Returned};
use crate::meter::{self, Meter};
use crate::refuse::no_card;
use crate::{describe, plan};

/// The driver, as the component exports it.
pub struct Sts;

impl driver::Guest for Sts {
    fn describe() -> Description {
        describe::describe()
    }

    fn plan(request: PlanRequest) -> Result<QuantityPlan, Refusal> {
        plan::plan(&request)
    }

    fn encode(_: Content, _: CardImage) -> Result<CardImage, Refusal> {
        Err(no_card("there is no card to write"))
    }

    fn decode(_: CardImage) -> Result<Content, Refusal> {
        Err(no_card("there is no card to read"))
    }

    fn access(_: Content) -> Result<AccessRule, Refusal> {
        Err(no_card("there is no card with a password"))
    }
}

impl simulator::Guest for Sts {
    fn fresh(setup: Setup) -> Result<Vec<u8>, Refusal> {
        Meter::fresh(&setup).map(|meter| meter.to_bytes())
    }

    fn restore(_: Setup, _: Purchase, _: Returned) -> Result<Vec<u8>, Refusal> {
        Err(no_card("the meter writes nothing back that it could be restored from"))
    }

    fn insert(state: Vec<u8>, card: CardImage) -> Result<Outcome, Refusal> {
        Meter::from_bytes(&state)?.insert(card)
    }

    fn pass(state: Vec<u8>, seconds: u64, watts: u32) -> Result<Vec<u8>, Refusal> {
        let mut meter = Meter::from_bytes(&state)?;
        meter.pass(seconds, watts);
        Ok(meter.to_bytes())
    }

    fn power(state: Vec<u8>, on: bool) -> Result<Vec<u8>, Refusal> {
        let mut meter = Meter::from_bytes(&state)?;
        meter.power(on);
        Ok(meter.to_bytes())
    }

    fn look(state: Vec<u8>) -> Result<Snapshot, Refusal> {
        Meter::from_bytes(&state).map(|meter| meter::snapshot(&meter))
    }
}

impl tokens::Guest for Sts {
    fn facts() -> TokenFacts {
        crate::tokens::facts()
    }

    fn key(meter: TokenMeter) -> Result<KeyRule, Refusal> {
        crate::tokens::key(&meter)
    }

    fn prepare(request: TokenRequest) -> Result<Prepared, Refusal> {
        crate::tokens::prepare(&request)
    }

    fn compose(class: u8, cipher_block: Vec<u8>) -> Result<String, Refusal> {
        crate::tokens::compose(class, &cipher_block)
    }

    fn dissect(digits: String) -> Result<Dissected, Refusal> {
        crate::tokens::dissect(&digits)
    }

    fn read(meter: TokenMeter, class: u8, block: Vec<u8>) -> Result<TokenContent, Refusal> {
        crate::tokens::read(&meter, class, &block)
    }
}
