//! Reader drivers of contract major 1.

use std::time::Duration;

use wasmtime::Store;
use wasmtime::component::{Component, HasSelf, Linker};

use self::bindings::exports::dianka::reader::driver as wit;
use self::bindings::{ReaderDriver, ReaderDriverPre};
use super::reader_host::{Guest, NoPort, line_settings_of};
use crate::about::About;
use crate::engine::DriverEngine;
use crate::fault::Fault;
use crate::limits::{self, Tallied, Tally};
use crate::reader::{
    CardInfo, Description, LiveReader, Port, ReaderAdapter, ReaderAnswer, ReaderError, ReaderErrorKind, ReaderInfo,
};
use crate::text::Text;

pub(super) mod bindings {
    //! Generated from the contract.
    wasmtime::component::bindgen!({
        path: "../wit/reader/1.0.0",
        world: "reader-driver",
        imports: { default: trappable },
    });
}

/// Wall time of a call until the session sets its own.
const FIRST_WALL: Duration = Duration::from_secs(5);

/// A component whose imports and exports were checked once.
pub(crate) struct ReaderV1 {
    engine: DriverEngine,
    pre: ReaderDriverPre<Guest>,
}

impl ReaderV1 {
    /// Links `component`. Fails when it is not a reader driver.
    pub(crate) fn link(engine: &DriverEngine, component: &Component) -> Result<Self, Fault> {
        let mut linker = Linker::new(engine.engine());
        ReaderDriver::add_to_linker::<_, HasSelf<Guest>>(&mut linker, |guest| guest)
            .and_then(|()| linker.instantiate_pre(component))
            .and_then(ReaderDriverPre::new)
            .map(|pre| Self { engine: engine.clone(), pre })
            .map_err(|error| Fault::while_linking(&error))
    }

    fn instance(&self, label: String, port: Box<dyn Port>) -> Result<Live, Fault> {
        let tally = Tally::new(self.engine.ticks(), limits::reader(FIRST_WALL));
        let mut store = limits::store(self.engine.engine(), Guest { tally, label, port, log_lines: 0 });
        match self.pre.instantiate(&mut store) {
            Ok(driver) => Ok(Live { store, driver }),
            Err(error) => Err(Fault::while_running(&error, store.data_mut().tally())),
        }
    }
}

impl ReaderAdapter for ReaderV1 {
    fn describe(&self) -> Result<Description, Fault> {
        let mut live = self.instance("a driver that describes itself".to_owned(), Box::new(NoPort))?;
        let described = live.run(|driver, store| driver.call_describe(store))?;
        description(described).map_err(Fault::Incompatible)
    }

    fn open(&self, about: &About, port: Box<dyn Port>) -> Result<Box<dyn LiveReader>, Fault> {
        let label = format!("{} {} {}", about.id, about.version, about.digest);
        Ok(Box::new(self.instance(label, port)?))
    }
}

/// One instance with its store.
struct Live {
    store: Store<Guest>,
    driver: ReaderDriver,
}

impl Live {
    fn run<R>(&mut self, call: impl FnOnce(&wit::Guest, &mut Store<Guest>) -> wasmtime::Result<R>) -> Result<R, Fault> {
        limits::arm(&mut self.store);
        self.store.data_mut().log_lines = 0;
        call(self.driver.dianka_reader_driver(), &mut self.store)
            .map_err(|error| Fault::while_running(&error, self.store.data_mut().tally()))
    }

    fn ask<R, T: From<R>>(
        &mut self,
        call: impl FnOnce(&wit::Guest, &mut Store<Guest>) -> wasmtime::Result<Result<R, wit::Error>>,
    ) -> ReaderAnswer<T> {
        Ok(self.run(call)?.map(T::from).map_err(reader_error))
    }
}

impl LiveReader for Live {
    fn set_wall(&mut self, wall: Duration) {
        limits::set_budget(&mut self.store, limits::reader(wall));
    }

    fn probe(&mut self) -> ReaderAnswer<ReaderInfo> {
        self.ask(|driver, store| driver.call_probe(store))
    }

    fn poll(&mut self) -> ReaderAnswer<bool> {
        self.ask(|driver, store| driver.call_poll(store))
    }

    fn power_on(&mut self) -> ReaderAnswer<CardInfo> {
        self.ask(|driver, store| driver.call_power_on(store))
    }

    fn read(&mut self, offset: u32, len: u32) -> ReaderAnswer<Vec<u8>> {
        self.ask(|driver, store| driver.call_read(store, offset, len))
    }

    fn error_counter(&mut self) -> ReaderAnswer<u8> {
        self.ask(|driver, store| driver.call_error_counter(store))
    }

    fn present(&mut self, code: &[u8]) -> ReaderAnswer<()> {
        self.ask(|driver, store| driver.call_present(store, code))
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> ReaderAnswer<()> {
        self.ask(|driver, store| driver.call_write(store, offset, bytes))
    }

    fn change_code(&mut self, code: &[u8]) -> ReaderAnswer<()> {
        self.ask(|driver, store| driver.call_change_code(store, code))
    }

    fn power_off(&mut self) -> ReaderAnswer<()> {
        self.ask(|driver, store| driver.call_power_off(store))
    }
}

impl From<wit::ReaderInfo> for ReaderInfo {
    fn from(info: wit::ReaderInfo) -> Self {
        Self { model: info.model, firmware: info.firmware }
    }
}

impl From<wit::CardInfo> for CardInfo {
    fn from(info: wit::CardInfo) -> Self {
        Self { chip: info.chip, atr: info.atr, size: info.size }
    }
}

fn reader_error(error: wit::Error) -> ReaderError {
    let kind = match error.kind {
        wit::ErrorKind::NoAnswer => ReaderErrorKind::NoAnswer,
        wit::ErrorKind::NotThisProtocol => ReaderErrorKind::NotThisProtocol,
        wit::ErrorKind::Garbled => ReaderErrorKind::Garbled,
        wit::ErrorKind::NoCard => ReaderErrorKind::NoCard,
        wit::ErrorKind::UnknownCard => ReaderErrorKind::UnknownCard,
        wit::ErrorKind::WrongCode => ReaderErrorKind::WrongCode,
        wit::ErrorKind::Locked => ReaderErrorKind::Locked,
        wit::ErrorKind::Refused => ReaderErrorKind::Refused,
        wit::ErrorKind::Port => ReaderErrorKind::Port,
        wit::ErrorKind::Unsupported => ReaderErrorKind::Unsupported,
        wit::ErrorKind::BadInput => ReaderErrorKind::BadInput,
    };
    ReaderError { kind, code: error.code, message: error.message }
}

/// Fails on what the contract's strings do not allow.
fn description(described: wit::Description) -> Result<Description, String> {
    let text = |text: wit::Text| Text { zh: text.zh, en: text.en };
    Ok(Description {
        id: described.id,
        version: described.version.parse().map_err(|error| format!("version {:?}: {error}", described.version))?,
        name: text(described.name),
        models: described.models,
        chips: described.chips,
        line: described.line.iter().map(line_settings_of).collect(),
        reads_error_counter: described.reads_error_counter,
        changes_code: described.changes_code,
        evidence: text(described.evidence),
    })
}
