//! "Test port": who answers there?

use std::path::PathBuf;

use dianka_plugin_host::Registry;
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
    /// For the log, in English.
    pub detail: String,
}

/// Opens a port, asks with a driver who is there, and closes it again.
#[must_use]
pub fn probe(drivers: &Registry, settings: &ReaderSettings) -> Probed {
    match Connection::open(drivers, settings) {
        Ok(connection) => found(connection.info.model, connection.info.firmware),
        Err(error) => Probed { answer: error.answer(), reader: None, detail: error.to_string() },
    }
}

fn found(model: String, firmware: String) -> Probed {
    Probed { answer: PortAnswer::Found, reader: Some(ReaderName { model, firmware }), detail: String::new() }
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
            return self.answer(request, Probed { answer: PortAnswer::Absent, reader: None, detail });
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
                self.answer(request, probe(&self.drivers, &asked));
                return self.connect();
            }
            None => probe(&self.drivers, &asked),
        };
        self.answer(request, probed);
    }

    fn ask_again(&mut self) -> Probed {
        let Some(connection) = self.connection() else {
            return Probed { answer: PortAnswer::Absent, reader: None, detail: String::new() };
        };
        match connection.session.probe() {
            Ok(info) => found(info.model, info.firmware),
            Err(error) => {
                let (answer, detail) = (answer_of(&error), error.to_string());
                self.disconnect(&detail);
                Probed { answer, reader: None, detail }
            }
        }
    }

    fn answer(&self, request: Uuid, probed: Probed) {
        let Probed { answer, reader, detail } = probed;
        self.say(FromStation::TestPortAnswer(TestPortAnswer { request, answer, reader, detail }));
    }
}

/// Whether two names lead to one device (`/dev/serial/by-id/...` is a link).
fn same_port(a: &str, b: &str) -> bool {
    let real = |name: &str| std::fs::canonicalize(name).unwrap_or_else(|_| PathBuf::from(name));
    a == b || real(a) == real(b)
}
