//! Meter drivers of contract 1.0, and of 1.1 but for their tokens.

use dianka_domain::card::CardImage;
use wasmtime::Store;
use wasmtime::component::{Component, HasSelf, Linker};

use self::bindings::{MeterDriver, MeterDriverPre};
use super::guest::{Guest, in_fresh_store};
use super::tokens::{self, TokensV1};
use super::{meter_from as from, meter_into as into};
use crate::engine::DriverEngine;
use crate::fault::Fault;
use crate::limits;
use crate::meter::{
    AccessRule, Answer, Content, Description, MeterAdapter, Outcome, PlanRequest, Purchase, QuantityPlan, Refusal,
    Returned, Setup, Snapshot, TokenAdapter,
};

pub(super) mod bindings {
    //! Generated from the contract.
    wasmtime::component::bindgen!({ path: "../wit/meter/1.0.0", world: "meter-driver" });
}

use bindings::dianka::meter::types as wit;

/// A component whose imports and exports were checked once; instances of it are cheap.
pub(crate) struct MeterV1 {
    engine: DriverEngine,
    pre: MeterDriverPre<Guest>,
    tokens: Option<TokensV1>,
}

impl MeterV1 {
    /// Links `component` by contract 1.0. Fails when it is not a meter driver.
    pub(super) fn link(engine: &DriverEngine, component: &Component) -> Result<Self, Fault> {
        link(engine, component, |_| Ok(())).map_err(|error| Fault::while_linking(&error))
    }

    /// Links `component` by contract 1.1, and looks whether it has tokens.
    pub(super) fn link_with_tokens(engine: &DriverEngine, component: &Component) -> Result<Self, Fault> {
        let linked = link(engine, component, tokens::add_to_linker).map_err(|error| Fault::while_linking(&error))?;
        let tokens = TokensV1::probe(engine, linked.pre.instance_pre());
        Ok(Self { tokens, ..linked })
    }

    /// Runs `work` in an instance of its own. `work` may make one call; [`limits::arm`] precedes every further one.
    fn fresh_instance<R>(
        &self,
        work: impl FnOnce(&mut Store<Guest>, &MeterDriver) -> wasmtime::Result<R>,
    ) -> Result<R, Fault> {
        in_fresh_store(&self.engine, |store| {
            let driver = self.pre.instantiate(&mut *store)?;
            work(store, &driver)
        })
    }
}

fn link(
    engine: &DriverEngine,
    component: &Component,
    beyond: impl FnOnce(&mut Linker<Guest>) -> wasmtime::Result<()>,
) -> wasmtime::Result<MeterV1> {
    let mut linker = Linker::new(engine.engine());
    MeterDriver::add_to_linker::<_, HasSelf<Guest>>(&mut linker, |guest| guest)?;
    beyond(&mut linker)?;
    let pre = MeterDriverPre::new(linker.instantiate_pre(component)?)?;
    Ok(MeterV1 { engine: engine.clone(), pre, tokens: None })
}

fn card(chip: &str, image: &CardImage) -> wit::CardImage {
    wit::CardImage { chip: chip.to_owned(), bytes: image.bytes().to_vec() }
}

/// A card that comes back must be of the kind and size that went in.
fn same_card(wanted: (&str, usize), got: wit::CardImage) -> Result<CardImage, Fault> {
    if wanted == (got.chip.as_str(), got.bytes.len()) {
        return Ok(CardImage::new(got.bytes));
    }
    let (chip, size) = wanted;
    Err(Fault::Incompatible(format!(
        "for a card {chip:?} of {size} bytes it gave one {:?} of {} bytes",
        got.chip,
        got.bytes.len()
    )))
}

impl MeterAdapter for MeterV1 {
    fn describe(&self) -> Result<Description, Fault> {
        let described = self.fresh_instance(|store, driver| driver.dianka_meter_driver().call_describe(store))?;
        from::description(described).map_err(Fault::Incompatible)
    }

    fn plan(&self, request: &PlanRequest) -> Answer<QuantityPlan> {
        let request = into::plan_request(request);
        let answer = self.fresh_instance(|store, driver| driver.dianka_meter_driver().call_plan(store, request))?;
        Ok(answer.map(from::quantity_plan).map_err(from::refusal))
    }

    fn encode(&self, content: &Content, chip: &str, before: &CardImage) -> Answer<CardImage> {
        let (content, image) = (into::content(content), card(chip, before));
        let answer =
            self.fresh_instance(|store, driver| driver.dianka_meter_driver().call_encode(store, &content, &image))?;
        match answer {
            Ok(target) => same_card((chip, before.len()), target).map(Ok),
            Err(refusal) => Ok(Err(from::refusal(refusal))),
        }
    }

    fn decode(&self, chip: &str, image: &CardImage) -> Answer<Content> {
        let image = card(chip, image);
        let answer = self.fresh_instance(|store, driver| driver.dianka_meter_driver().call_decode(store, &image))?;
        Ok(answer.map(from::content).map_err(from::refusal))
    }

    fn decode_each(&self, chip: &str, images: &[CardImage]) -> Result<Vec<Result<Content, Refusal>>, Fault> {
        self.fresh_instance(|store, driver| {
            images
                .iter()
                .map(|image| {
                    limits::arm(store);
                    let answer = driver.dianka_meter_driver().call_decode(&mut *store, &card(chip, image))?;
                    Ok(answer.map(from::content).map_err(from::refusal))
                })
                .collect()
        })
    }

    fn access(&self, content: &Content) -> Answer<AccessRule> {
        let content = into::content(content);
        let answer = self.fresh_instance(|store, driver| driver.dianka_meter_driver().call_access(store, &content))?;
        Ok(answer.map(from::access_rule).map_err(from::refusal))
    }

    fn fresh(&self, setup: &Setup) -> Answer<Vec<u8>> {
        let setup = into::setup(setup);
        let answer = self.fresh_instance(|store, driver| driver.dianka_meter_simulator().call_fresh(store, setup))?;
        Ok(answer.map_err(from::refusal))
    }

    fn restore(&self, setup: &Setup, last: &Purchase, returned: &Returned) -> Answer<Vec<u8>> {
        let (setup, last, returned) = (into::setup(setup), into::purchase(last), into::returned(returned));
        let answer = self.fresh_instance(|store, driver| {
            driver.dianka_meter_simulator().call_restore(store, setup, last, returned)
        })?;
        Ok(answer.map_err(from::refusal))
    }

    fn insert(&self, state: &[u8], chip: &str, image: &CardImage) -> Answer<Outcome> {
        let inserted = card(chip, image);
        let answer =
            self.fresh_instance(|store, driver| driver.dianka_meter_simulator().call_insert(store, state, &inserted))?;
        match answer {
            Ok(outcome) => {
                let left = same_card((chip, image.len()), outcome.card)?;
                Ok(Ok(Outcome {
                    state: outcome.state,
                    card: left,
                    accepted: outcome.accepted,
                    loaded_wh: from::energy(outcome.loaded_wh),
                    code: outcome.code,
                    display: outcome.display,
                }))
            }
            Err(refusal) => Ok(Err(from::refusal(refusal))),
        }
    }

    fn pass(&self, state: &[u8], seconds: u64, watts: u32) -> Answer<Vec<u8>> {
        let answer = self
            .fresh_instance(|store, driver| driver.dianka_meter_simulator().call_pass(store, state, seconds, watts))?;
        Ok(answer.map_err(from::refusal))
    }

    fn power(&self, state: &[u8], on: bool) -> Answer<Vec<u8>> {
        let answer =
            self.fresh_instance(|store, driver| driver.dianka_meter_simulator().call_power(store, state, on))?;
        Ok(answer.map_err(from::refusal))
    }

    fn look(&self, state: &[u8]) -> Answer<Snapshot> {
        let answer = self.fresh_instance(|store, driver| driver.dianka_meter_simulator().call_look(store, state))?;
        Ok(answer.map(from::snapshot).map_err(from::refusal))
    }

    fn tokens(&self) -> Option<&dyn TokenAdapter> {
        self.tokens.as_ref().map(|tokens| {
            let tokens: &dyn TokenAdapter = tokens;
            tokens
        })
    }
}
