//! The meters of the bench: their files, and what they do to the cards that are put into them.

use super::contacts::{self, WriteBack};
use super::error::WorldError;
use super::files::{load, save, wait_for};
use super::model::MeterModel;
use super::{CardId, MeterId, Place, TearPlan, World};
use crate::card::Partial;
use dianka_domain::card::CardImage;
use dianka_domain::units::MeterEnergy;
use dianka_plugin_host::meter::{Outcome, Setup, Snapshot};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A meter to be put on the bench.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMeter {
    /// Factory number, unlike any other on the bench.
    pub factory_no: u64,
    /// The driver whose standard it follows.
    pub driver_id: String,
    /// imp/kWh.
    pub constant: u32,
    /// Operator's system code.
    pub system_code: u32,
    /// Region.
    pub region: u32,
}

/// A meter as it hangs on the bench; what it shows is asked of its driver, see [`World::look`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MeterView {
    /// Its number on the bench.
    pub id: MeterId,
    /// Factory number.
    pub factory_no: u64,
    /// The driver whose standard it follows.
    pub driver_id: String,
    /// imp/kWh.
    pub constant: u32,
    /// Operator's system code.
    pub system_code: u32,
    /// Region.
    pub region: u32,
    /// The card in it.
    pub card: Option<CardId>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct MeterFile {
    driver_id: String,
    setup: Setup,
    state_hex: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tear: Option<TearPlan>,
}

/// What an insertion did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insertion {
    /// Whether a purchase was loaded.
    pub accepted: bool,
    /// Loaded energy, Wh.
    pub loaded_wh: MeterEnergy,
    /// `loaded`, `resumed`, …, or why not.
    pub code: String,
    /// What the display shows, or empty.
    pub display: String,
    /// What became of the returned data.
    pub write_back: WriteBack,
}

impl World {
    /// Hangs a meter on the bench, fresh from its factory.
    ///
    /// # Errors
    /// [`WorldError::FactoryNoTaken`], the driver's, or the file system's.
    pub fn new_meter(&self, new: &NewMeter, model: &dyn MeterModel) -> Result<MeterId, WorldError> {
        let setup = Setup {
            meter_no: new.factory_no,
            constant: new.constant,
            system_code: new.system_code,
            region: new.region,
        };
        let state = model.fresh(&setup)?;
        let _lock = self.files().lock()?;
        let ids = self.files().ids("meters")?;
        for id in &ids {
            if self.meter_file(MeterId(*id))?.setup.meter_no == new.factory_no {
                return Err(WorldError::FactoryNoTaken(new.factory_no));
            }
        }
        let id = MeterId(ids.last().map_or(1, |last| last.saturating_add(1)));
        let file = MeterFile { driver_id: new.driver_id.clone(), setup, state_hex: hex::encode(state), tear: None };
        save(&self.meter_path(id), &file)?;
        self.files().changed()?;
        Ok(id)
    }

    /// All meters, by number.
    ///
    /// # Errors
    /// The file system's, or a file that does not parse.
    pub fn meters(&self) -> Result<Vec<MeterView>, WorldError> {
        self.files().ids("meters")?.into_iter().map(|id| self.meter(MeterId(id))).collect()
    }

    /// One meter.
    ///
    /// # Errors
    /// [`WorldError::NoMeter`], or as [`World::meters`].
    pub fn meter(&self, id: MeterId) -> Result<MeterView, WorldError> {
        let MeterFile { driver_id, setup, .. } = self.meter_file(id)?;
        Ok(MeterView {
            id,
            factory_no: setup.meter_no,
            driver_id,
            constant: setup.constant,
            system_code: setup.system_code,
            region: setup.region,
            card: self.card_in(Place::Meter(id))?,
        })
    }

    /// Puts a card, wherever it is, into a meter. The meter keeps what it took before it writes the card, so an
    /// interruption between the two can be mended by inserting once more, and never takes anything from the customer.
    ///
    /// # Errors
    /// [`WorldError::NoCard`], [`WorldError::NoMeter`], [`WorldError::Occupied`]; [`WorldError::Busy`] when a reader of
    /// another process does not let go of the card; the driver's (the card is in the meter then).
    pub fn insert_into_meter(
        &self,
        card: CardId,
        meter: MeterId,
        model: &dyn MeterModel,
    ) -> Result<Insertion, WorldError> {
        self.meter_file(meter)?;
        self.put(card, Place::Meter(meter))?;
        let mut held = match self.hold(card) {
            Ok(held) => held,
            Err(error) => {
                self.put(card, Place::Drawer)?;
                return Err(error);
            }
        };
        let areas = model.returned_areas();
        let (outcome, tear) = self.work_meter(meter, |file, state| {
            let outcome = model.insert(&state, &CardImage::new(held.image()))?;
            Ok((outcome.state.clone(), (outcome, file.tear.take())))
        })?;
        if let Some(tear) = tear {
            held.tear_after(tear.operations, tear.partial());
        }
        let write_back = contacts::write(&mut held, outcome.card.bytes(), &areas)
            .map_err(|source| WorldError::Io { path: self.cells_path(card), source })?;
        drop(held);
        if write_back == WriteBack::Torn {
            self.put(card, Place::Drawer)?;
        }
        let Outcome { accepted, loaded_wh, code, display, .. } = outcome;
        Ok(Insertion { accepted, loaded_wh, code, display, write_back })
    }

    /// Lets time pass under a constant load.
    ///
    /// # Errors
    /// [`WorldError::NoMeter`], or the driver's.
    pub fn pass(&self, id: MeterId, model: &dyn MeterModel, seconds: u64, watts: u32) -> Result<(), WorldError> {
        self.work_meter(id, |_, state| Ok((model.pass(&state, seconds, watts)?, ())))
    }

    /// Something is typed on the meter's keypad: `work` makes the state after of the state before.
    ///
    /// # Errors
    /// [`WorldError::NoMeter`].
    pub fn key_in(&self, id: MeterId, work: impl FnOnce(&[u8]) -> Vec<u8>) -> Result<(), WorldError> {
        self.work_meter(id, |_, state| Ok((work(&state), ())))
    }

    /// Switches the mains.
    ///
    /// # Errors
    /// [`WorldError::NoMeter`], or the driver's.
    pub fn power(&self, id: MeterId, model: &dyn MeterModel, on: bool) -> Result<(), WorldError> {
        self.work_meter(id, |_, state| Ok((model.power(&state, on)?, ())))
    }

    /// What the meter holds and shows.
    ///
    /// # Errors
    /// [`WorldError::NoMeter`], or the driver's.
    pub fn look(&self, id: MeterId, model: &dyn MeterModel) -> Result<Snapshot, WorldError> {
        let file = self.meter_file(id)?;
        Ok(model.look(&self.state_of(id, &file)?)?)
    }

    /// Schedules a tear of this meter's next write-back: `operations` cell operations succeed (the first two are those
    /// of the code), the next one is torn.
    ///
    /// # Errors
    /// [`WorldError::NoMeter`].
    pub fn tear_writeback_after(&self, id: MeterId, operations: u32, partial: Partial) -> Result<(), WorldError> {
        self.work_meter(id, |file, state| {
            file.tear = Some(TearPlan::new(operations, partial));
            Ok((state, ()))
        })
    }

    /// Works a meter alone: its file is replaced if `work` succeeds.
    fn work_meter<T>(
        &self,
        id: MeterId,
        work: impl FnOnce(&mut MeterFile, Vec<u8>) -> Result<(Vec<u8>, T), WorldError>,
    ) -> Result<T, WorldError> {
        let _lock = wait_for(&self.files().path("meters", id.0, "lock"))?;
        let mut file = self.meter_file(id)?;
        let state = self.state_of(id, &file)?;
        let (state, done) = work(&mut file, state)?;
        file.state_hex = hex::encode(state);
        save(&self.meter_path(id), &file)?;
        Ok(done)
    }

    fn state_of(&self, id: MeterId, file: &MeterFile) -> Result<Vec<u8>, WorldError> {
        hex::decode(&file.state_hex)
            .map_err(|error| WorldError::Corrupt { path: self.meter_path(id), what: error.to_string() })
    }

    fn meter_file(&self, id: MeterId) -> Result<MeterFile, WorldError> {
        load(&self.meter_path(id))?.ok_or(WorldError::NoMeter(id))
    }

    fn meter_path(&self, id: MeterId) -> PathBuf {
        self.files().path("meters", id.0, "json")
    }
}
