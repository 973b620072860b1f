//! The virtual reader of a workstation in learning mode, and what a person does to it.

use std::path::Path;

use dianka_lab::card::Partial;
use dianka_lab::reader::{ReaderOptions, ReaderSim};
use dianka_lab::world::{AttachedReader, CardId, Place, World, WorldError};

pub use dianka_lab::world::WorldError as BenchError;

use super::VirtualReader;
use crate::proto::{BenchCommand, ReaderSettings};

/// A virtual reader, in step with the bench.
#[derive(Debug)]
pub(super) struct Bench {
    world: World,
    reader: AttachedReader,
    number: u32,
    driver: String,
}

impl Bench {
    /// Plugs the virtual reader of workstation `number` in. Its port has a name in `data_dir` that outlives
    /// unplugging.
    pub(super) fn attach(wanted: &VirtualReader, number: u32, data_dir: &Path) -> Result<Self, WorldError> {
        let world = World::open(&wanted.world)?;
        let link = data_dir.join("virtual-reader");
        let sim = ReaderSim::spawn(Some(&link), ReaderOptions::of(wanted.driver.parse().unwrap_or_default()))
            .map_err(|source| WorldError::Io { path: link.clone(), source })?;
        let reader = world.attach_reader(number, sim)?;
        Ok(Self { world, reader, number, driver: wanted.driver.clone() })
    }

    pub(super) fn settings(&self) -> ReaderSettings {
        let port = self.reader.sim().port_path().display().to_string();
        ReaderSettings { port, driver: self.driver.clone(), baud: None }
    }

    pub(super) fn obey(&self, command: &BenchCommand) -> Result<(), WorldError> {
        let place = Place::Reader(self.number);
        match command {
            BenchCommand::InsertCard { card_id } => self.world.insert_into_reader(CardId(*card_id), self.number),
            BenchCommand::RemoveCard => match self.world.card_in(place)? {
                Some(card) => self.world.take(card),
                None => Ok(()),
            },
            BenchCommand::PullAfter { cells } => match self.world.card_in(place)? {
                Some(card) => self.world.tear_after(card, *cells, Partial::Seeded(rand::random())),
                None => Err(WorldError::NoCard(CardId(0))),
            },
            BenchCommand::Unplug => {
                self.reader.sim().unplug();
                Ok(())
            }
            BenchCommand::Replug => {
                let path = self.reader.sim().port_path();
                self.reader.sim().replug().map_err(|source| WorldError::Io { path, source })
            }
        }
    }
}

/// Stable code of a failure of the bench.
pub(super) fn code(error: &WorldError) -> &'static str {
    match error {
        WorldError::NoCard(_) | WorldError::NoMeter(_) => "bench.unknown",
        WorldError::Occupied { .. } => "bench.place_taken",
        _ => "bench.failed",
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_driver_says_what_the_virtual_reader_speaks() {
        // A question after the reader, and how its answer begins; a driver that the lab knows no reader for gets CCID.
        let ccid: (&[u8], &[u8]) = (&[3, 6, 0x65, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x60], &[3, 6, 0x65]);
        let crt571: (&[u8], &[u8]) = (&[0xF2, 0, 0, 3, 0x43, 0x31, 0x30, 3, 0xB0], &[6, 0xF2, 0]);
        let towitoko: (&[u8], &[u8]) = (&[0, 1], &[0x61, 0x10, 0xA2]);
        let acr30: (&[u8], &[u8]) = (b"\x0201010000\x03", b"\x0201");
        for (driver, (asked, begins)) in [
            ("ccid-serial", ccid),
            ("crt571", crt571),
            ("towitoko", towitoko),
            ("acr30", acr30),
            ("somebody.else", ccid),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let wanted = VirtualReader { world: dir.path().join("bench"), driver: driver.into() };
            let bench = Bench::attach(&wanted, 1, dir.path()).unwrap();
            let settings = bench.settings();
            assert_eq!(settings.driver, driver);
            let mut port = serialport::new(&settings.port, 9_600).timeout(Duration::from_secs(10)).open().unwrap();
            port.write_all(asked).unwrap();
            let mut answer = vec![0; begins.len()];
            port.read_exact(&mut answer).unwrap();
            assert_eq!(answer, begins, "{driver}");
        }
    }
}
