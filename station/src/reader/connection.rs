//! A reader that was found: its driver's session over the open port.

use std::collections::BTreeMap;

use dianka_plugin_host::Registry;
use dianka_plugin_host::package::Version;
use dianka_plugin_host::reader::{ReaderCallError, ReaderDriver, ReaderErrorKind, ReaderInfo, ReaderSession};

use crate::port::{OpenError, SerialLine};
use crate::proto::{PortAnswer, ReaderSettings, ReaderStatus};

/// A live session.
pub(super) struct Connection {
    pub(super) session: ReaderSession,
    pub(super) driver: ReaderDriver,
    pub(super) info: ReaderInfo,
    /// Calls in a row that the reader did not answer.
    pub(super) misses: u32,
}

/// Why no reader was found.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("there is no reader driver {0}")]
    NoDriver(String),
    #[error("there is no version {version} of the reader driver {id}, which was chosen for this workstation")]
    NoVersion { id: String, version: String },
    #[error(transparent)]
    Call(ReaderCallError),
}

impl ConnectError {
    pub(super) fn answer(&self) -> PortAnswer {
        match self {
            Self::Open(error) => error.answer(),
            Self::NoDriver(_) | Self::NoVersion { .. } => PortAnswer::WrongDriver,
            Self::Call(error) => answer_of(error),
        }
    }

    pub(super) fn status(&self) -> ReaderStatus {
        match self.answer() {
            PortAnswer::Found => ReaderStatus::Ready,
            PortAnswer::WrongDriver => ReaderStatus::WrongDriver,
            PortAnswer::PortBusy => ReaderStatus::Busy,
            PortAnswer::NoAnswer => ReaderStatus::NoAnswer,
            PortAnswer::NoPermission => ReaderStatus::NoRights,
            PortAnswer::Absent => ReaderStatus::Absent,
        }
    }
}

/// What a failed `probe` says about the port.
pub(super) fn answer_of(error: &ReaderCallError) -> PortAnswer {
    match error {
        ReaderCallError::Reader(error) => match error.kind {
            ReaderErrorKind::NoAnswer => PortAnswer::NoAnswer,
            // It was there when it was opened.
            ReaderErrorKind::Port => PortAnswer::Absent,
            _ => PortAnswer::WrongDriver,
        },
        // A driver that breaks down on this reader's answers is not this reader's driver.
        ReaderCallError::Fault(_) | ReaderCallError::Dead(_) | ReaderCallError::Quarantined(_) => {
            PortAnswer::WrongDriver
        }
    }
}

/// The driver of this id: the version that was chosen, and no other; the newest, where none was.
pub(super) fn chosen(
    drivers: &Registry,
    versions: &BTreeMap<String, String>,
    id: &str,
) -> Result<ReaderDriver, ConnectError> {
    match versions.get(id) {
        Some(version) => {
            let driver = version.parse::<Version>().ok().and_then(|version| drivers.reader_version(id, version));
            driver.ok_or_else(|| ConnectError::NoVersion { id: id.to_owned(), version: version.clone() })
        }
        None => drivers.reader(id).ok_or_else(|| ConnectError::NoDriver(id.to_owned())),
    }
}

impl Connection {
    /// Opens the port, starts the driver on it and asks the reader who it is.
    pub(super) fn open(
        drivers: &Registry,
        versions: &BTreeMap<String, String>,
        settings: &ReaderSettings,
    ) -> Result<Self, ConnectError> {
        // The port first: whether it is there, free and allowed does not depend on a driver.
        let port = SerialLine::open(&settings.port, settings.baud)?;
        let driver = chosen(drivers, versions, &settings.driver)?;
        let mut session = driver.open(Box::new(port)).map_err(ConnectError::Call)?;
        let info = session.probe().map_err(ConnectError::Call)?;
        Ok(Self { session, driver, info, misses: 0 })
    }

    /// Whether the session is over after this error: the cable, or the driver.
    pub(super) fn is_over(error: &ReaderCallError) -> bool {
        match error {
            ReaderCallError::Reader(error) => error.kind == ReaderErrorKind::Port,
            ReaderCallError::Fault(_) | ReaderCallError::Dead(_) | ReaderCallError::Quarantined(_) => true,
        }
    }
}
