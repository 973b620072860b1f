//! Interface `tokens`: what contract 1.1 has beyond 1.0.

use dianka_keys::KeyRule;
use wasmtime::Store;
use wasmtime::component::{HasSelf, InstancePre, Linker};

use self::bindings::{TokenSide, TokenSidePre};
use super::guest::{Guest, in_fresh_store};
use super::tokens_convert as convert;
use crate::engine::DriverEngine;
use crate::fault::Fault;
use crate::meter::{Answer, TokenAdapter};
use crate::token::{Prepared, TokenContent, TokenFacts, TokenMeter, TokenRequest};

pub(super) mod bindings {
    //! Generated from the contract: of 1.1 only what is new, as everything else is 1.0's.
    wasmtime::component::bindgen!({
        path: "../wit/meter/1.1.0",
        inline: "package dianka:host; world token-side { export dianka:meter/tokens@1.1.0; }",
        world: "dianka:host/token-side",
    });
}

/// A component that exports `tokens`, found once.
pub(super) struct TokensV1 {
    engine: DriverEngine,
    pre: TokenSidePre<Guest>,
}

/// What a component of 1.1 may import beyond one of 1.0: the same types under their newer name.
pub(super) fn add_to_linker(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    TokenSide::add_to_linker::<_, HasSelf<Guest>>(linker, |guest| guest)
}

impl TokensV1 {
    /// None when the component has no tokens: the interface is optional.
    pub(super) fn probe(engine: &DriverEngine, pre: &InstancePre<Guest>) -> Option<Self> {
        let pre = TokenSidePre::new(pre.clone()).ok()?;
        Some(Self { engine: engine.clone(), pre })
    }

    fn fresh_instance<R>(
        &self,
        work: impl FnOnce(&mut Store<Guest>, &TokenSide) -> wasmtime::Result<R>,
    ) -> Result<R, Fault> {
        in_fresh_store(&self.engine, |store| {
            let driver = self.pre.instantiate(&mut *store)?;
            work(store, &driver)
        })
    }
}

impl TokenAdapter for TokensV1 {
    fn facts(&self) -> Result<TokenFacts, Fault> {
        let facts = self.fresh_instance(|store, driver| driver.dianka_meter_tokens().call_facts(store))?;
        convert::facts(facts).map_err(Fault::Incompatible)
    }

    fn key(&self, meter: &TokenMeter) -> Answer<KeyRule> {
        let meter = convert::meter(meter);
        let answer = self.fresh_instance(|store, driver| driver.dianka_meter_tokens().call_key(store, &meter))?;
        Ok(answer.map(convert::key_rule).map_err(convert::refusal))
    }

    fn prepare(&self, request: &TokenRequest) -> Answer<Prepared> {
        let request = convert::request(request);
        let answer = self.fresh_instance(|store, driver| driver.dianka_meter_tokens().call_prepare(store, &request))?;
        Ok(answer.map(convert::prepared).map_err(convert::refusal))
    }

    fn compose(&self, class: u8, cipher_block: &[u8]) -> Answer<String> {
        let answer =
            self.fresh_instance(|store, driver| driver.dianka_meter_tokens().call_compose(store, class, cipher_block))?;
        Ok(answer.map_err(convert::refusal))
    }

    fn dissect(&self, digits: &str) -> Answer<(u8, Vec<u8>)> {
        let answer = self.fresh_instance(|store, driver| driver.dianka_meter_tokens().call_dissect(store, digits))?;
        Ok(answer.map(|token| (token.class, token.cipher_block)).map_err(convert::refusal))
    }

    fn read(&self, meter: &TokenMeter, class: u8, block: &[u8]) -> Answer<TokenContent> {
        let meter = convert::meter(meter);
        let answer =
            self.fresh_instance(|store, driver| driver.dianka_meter_tokens().call_read(store, &meter, class, block))?;
        Ok(answer.map(convert::content).map_err(convert::refusal))
    }
}
