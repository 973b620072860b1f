//! "Test port": who answers there?

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use dianka_plugin_host::Registry;
use dianka_plugin_host::reader::ReaderInfo;
use uuid::Uuid;

use super::connection::{Connection, answer_of};
use super::worker::Worker;
use crate::proto::{FromStation, PortAnswer, ReaderName, ReaderSettings, TestPort, TestPortAnswer};

/// What a test found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probed {
    /// The clear answer.
    pub answer: PortAnswer,
    /// The reader, when found.
    pub reader: Option<ReaderName>,
    /// With `WrongDriver`: the driver that the reader did answer to.
    pub driver: Option<String>,
    /// For the log, in English.
    pub detail: String,
}

/// No other driver is begun with after this time: whoever asked is waiting.
const OTHERS_WITHIN: Duration = Duration::from_secs(8);

/// Opens a port, asks with a driver who is there, and closes it again. A reader that keeps silent, or answers something
/// else, is asked with the other drivers as well: most readers say nothing at all to a protocol that is not theirs.
/// `versions`: those that were chosen for the workstation, by driver id.
#[must_use]
pub fn probe(drivers: &Registry, versions: &BTreeMap<String, String>, settings: &ReaderSettings) -> Probed {
    let error = match Connection::open(drivers, versions, settings) {
        Ok(connection) => return found(connection.info.model, connection.info.firmware),
        Err(error) => error,
    };
    let alone = Probed { answer: error.answer(), reader: None, driver: None, detail: error.to_string() };
    if !matches!(alone.answer, PortAnswer::NoAnswer | PortAnswer::WrongDriver) {
        return alone;
    }
    let begun = Instant::now();
    for other in drivers.readers().iter().map(|driver| driver.about().id.as_str()) {
        if other == settings.driver || begun.elapsed() >= OTHERS_WITHIN {
            continue;
        }
        let asked = ReaderSettings { port: settings.port.clone(), driver: other.to_owned(), baud: None };
        if let Ok(connection) = Connection::open(drivers, versions, &asked) {
            let ReaderInfo { model, firmware, .. } = connection.info;
            let (answer, reader) = (PortAnswer::WrongDriver, Some(ReaderName { model, firmware }));
            return Probed { answer, reader, driver: Some(other.to_owned()), detail: alone.detail };
        }
    }
    alone
}

fn found(model: String, firmware: String) -> Probed {
    let reader = Some(ReaderName { model, firmware });
    Probed { answer: PortAnswer::Found, reader, driver: None, detail: String::new() }
}

fn nobody(answer: PortAnswer, detail: String) -> Probed {
    Probed { answer, reader: None, driver: None, detail }
}

impl Worker {
    /// Answers a port test, also for the port that is in use.
    pub(super) fn test_port(&mut self, test: TestPort) {
        let TestPort { request, port, driver, baud } = test;
        let used = self.settings.current().cloned();
        let port = port.or_else(|| used.as_ref().map(|used| used.port.clone()));
        let driver = driver.or_else(|| used.as_ref().map(|used| used.driver.clone()));
        let (Some(port), Some(driver)) = (port, driver) else {
            let detail = "no port or no driver is given, and none is configured".into();
            return self.answer(request, nobody(PortAnswer::Absent, detail));
        };
        let asked = ReaderSettings { port, driver, baud };
        let ours = used.filter(|used| self.is_up() && same_port(&used.port, &asked.port));
        let probed = match ours {
            Some(used) if used.driver == asked.driver && (asked.baud.is_none() || asked.baud == used.baud) => {
                self.ask_again()
            }
            // Another driver on our own port: let go of it for a moment. The card's session ends with that.
            Some(_) => {
                self.disconnect("the port is being tested with another driver");
                self.answer(request, probe(&self.drivers, &self.versions, &asked));
                return self.connect();
            }
            None => probe(&self.drivers, &self.versions, &asked),
        };
        self.answer(request, probed);
    }

    fn ask_again(&mut self) -> Probed {
        let Some(connection) = self.connection() else {
            return nobody(PortAnswer::Absent, String::new());
        };
        match connection.session.probe() {
            Ok(info) => found(info.model, info.firmware),
            Err(error) => {
                let (answer, detail) = (answer_of(&error), error.to_string());
                self.disconnect(&detail);
                nobody(answer, detail)
            }
        }
    }

    fn answer(&self, request: Uuid, probed: Probed) {
        let Probed { answer, reader, driver, detail } = probed;
        self.say(FromStation::TestPortAnswer(TestPortAnswer { request, answer, reader, driver, detail }));
    }
}

/// Whether two names lead to one device (`/dev/serial/by-id/...` is a link).
fn same_port(a: &str, b: &str) -> bool {
    let real = |name: &str| std::fs::canonicalize(name).unwrap_or_else(|_| PathBuf::from(name));
    a == b || real(a) == real(b)
}
