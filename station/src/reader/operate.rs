//! One command of a write, carried out by the driver's session.

use dianka_plugin_host::reader::{ReaderCallError, ReaderErrorKind};

use super::connection::Connection;
use crate::core::{Command, Event, Failure, FailureKind, Run};

impl Connection {
    /// Carries a command out on a card of this chip, with a memory of `size` bytes.
    pub(super) fn operate(&mut self, command: &Command, chip: &str, size: usize) -> Event {
        let done = match command {
            Command::PowerCycle => self.power_cycle(chip, size),
            Command::ReadAll => match u32::try_from(size) {
                Ok(len) => self.session.read(0, len).map(Event::Image),
                Err(_) => Ok(contract("a card of this size cannot be read")),
            },
            Command::ErrorCounter => self.tries().map(Event::Tries),
            Command::Present(code) => self.session.present(code.expose()).map(|()| Event::Done),
            Command::ChangeCode(code) => self.session.change_code(code.expose()).map(|()| Event::Done),
            Command::Write(Run { offset, bytes }) => match u32::try_from(*offset) {
                Ok(offset) => self.session.write(offset, bytes).map(|()| Event::Done),
                Err(_) => Ok(contract("no card has such an address")),
            },
            Command::Journal(_) | Command::Finish(_) => Ok(contract("not a command for a reader")),
        };
        done.unwrap_or_else(|error| Event::Failed(failure(&error)))
    }

    fn power_cycle(&mut self, chip: &str, size: usize) -> Result<Event, ReaderCallError> {
        self.session.power_off()?;
        let card = self.session.power_on()?;
        // Another kind of card in the slot is not the card that the ticket is for.
        let same = card.chip == chip && usize::try_from(card.size) == Ok(size);
        Ok(if same { Event::Done } else { failed(FailureKind::NoCard, "another kind of card is in the slot") })
    }
}

fn contract(detail: &str) -> Event {
    failed(FailureKind::Driver, detail)
}

fn failed(kind: FailureKind, detail: &str) -> Event {
    Event::Failed(Failure { kind, detail: detail.into() })
}

fn failure(error: &ReaderCallError) -> Failure {
    let kind = match error {
        ReaderCallError::Reader(error) => match error.kind {
            ReaderErrorKind::NoCard | ReaderErrorKind::UnknownCard => FailureKind::NoCard,
            ReaderErrorKind::WrongCode => FailureKind::WrongCode,
            ReaderErrorKind::Locked => FailureKind::Locked,
            ReaderErrorKind::Refused | ReaderErrorKind::BadInput => FailureKind::Refused,
            ReaderErrorKind::NoAnswer | ReaderErrorKind::NotThisProtocol | ReaderErrorKind::Garbled => {
                FailureKind::Garbled
            }
            ReaderErrorKind::Port => FailureKind::Port,
            ReaderErrorKind::Unsupported => FailureKind::Unsupported,
        },
        ReaderCallError::Fault(_) | ReaderCallError::Dead(_) | ReaderCallError::Quarantined(_) => FailureKind::Driver,
    };
    Failure { kind, detail: error.to_string() }
}
