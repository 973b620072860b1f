//! What the contract asks for.

use dianka_reader_common::fault::{fault, no_card, port as port_fault, unknown_card};
use dianka_reader_common::line::settle;
use dianka_reader_common::{Chip, Commands, Slot, fault as faults};
use dianka_sdk::reader::driver::{Error, ErrorKind, ReaderInfo};
use dianka_sdk::reader::{Port, Settings};

use crate::link::{Frame, Link};
use crate::wire::Framing;
use crate::{cards, describe};

/// Status: a card is there; it came or went since the last look.
const PRESENT: u8 = 0x40;
const CHANGED: u8 = 0x80;

/// Where a reader may be found, the likeliest first.
const PLACES: [(Settings, Framing); 3] =
    [(describe::LINE, Framing::Plain), (describe::FAST, Framing::Counted), (describe::KARTENZWERG, Framing::Plain)];

/// A Towitoko reader.
#[derive(Debug)]
pub struct Towitoko<P> {
    link: Link<P>,
    /// Where it answered last.
    place: usize,
}

impl<P: Port> Towitoko<P> {
    /// On a port that was not used yet.
    pub const fn new(port: P) -> Self {
        Self { link: Link::new(port), place: 0 }
    }

    /// The link.
    pub const fn link(&mut self) -> &mut Link<P> {
        &mut self.link
    }

    /// The port again, when the session is over.
    pub fn into_port(self) -> P {
        self.link.into_port()
    }

    /// Asks in one place who is there.
    fn ask(&mut self, (line, framing): (Settings, Framing)) -> Result<ReaderInfo, Error> {
        let port = self.link.port();
        port.configure(line).and_then(|()| port.flush_input()).map_err(|error| port_fault(&error))?;
        self.link.frame(framing);
        let who = self.link.work(&[(vec![0x00], 2)], true)?;
        let model = match who.first() {
            Some(0x88) => "Chipdrive Extern II/Twin",
            Some(0x84) => "Chipdrive Extern I",
            Some(0x90) => "Chipdrive Intern",
            Some(0x80) => "Kartenzwerg",
            Some(0x64) => "Kartenzwerg II",
            Some(0x61) => "Chipdrive Micro",
            _ => return Err(fault(ErrorKind::NotThisProtocol, "unknown-type", "no type of reader that is known")),
        };
        let firmware = who.get(1).map(|version| format!("{version:02X}")).unwrap_or_default();
        Ok(ReaderInfo { model: model.into(), firmware })
    }

    fn status(&mut self) -> Result<u8, Error> {
        let status = self.link.work(&[(vec![0x03], 1)], true)?;
        Ok(status.first().copied().unwrap_or(0))
    }

    /// The reader reads FF from an empty slot, and answers writes to it: so the card must be the one that was powered,
    /// before and after.
    fn here(&mut self) -> Result<(), Error> {
        if self.status()? & (PRESENT | CHANGED) == PRESENT { Ok(()) } else { Err(no_card()) }
    }

    /// Something that changes nothing.
    fn look(&mut self, frames: &[Frame]) -> Result<Vec<u8>, Error> {
        self.link.work(frames, true)
    }

    /// Something that goes out once.
    fn change_card(&mut self, frames: &[Frame]) -> Result<(), Error> {
        self.link.work(frames, false).map(|_| ())
    }

    /// Counter, and password as far as it can be read.
    fn security(&mut self, chip: Chip) -> Result<(u8, Vec<u8>), Error> {
        let bytes = self.look(&cards::read_security(chip))?;
        let (counter, code) = bytes.split_first().ok_or_else(|| fault(ErrorKind::Garbled, "length", "no bytes"))?;
        Ok((counter & chip.full_counter(), code.to_vec()))
    }

    fn write_page(&mut self, chip: Chip, offset: u16, bytes: &[u8]) -> Result<(), Error> {
        self.here()?;
        self.change_card(&cards::write(chip, offset, bytes))?;
        // The reader does not say whether the card took it.
        let len = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
        let now = self.look(&cards::read(chip, offset, len))?;
        self.here()?;
        if now == bytes { Ok(()) } else { Err(refused("unchanged", "the card did not take what was written")) }
    }

    /// A memory that answers no reset is an I2C memory if anything can be read from it: an empty slot, and a card that
    /// lies the wrong way round, read FF.
    fn find_i2c(&mut self) -> Result<bool, Error> {
        for offset in (0..256).step_by(15) {
            let len = u8::try_from(256_u16.saturating_sub(offset).min(15)).unwrap_or(15);
            let bytes = self.look(&cards::read(Chip::At24c02, offset, len))?;
            if bytes.iter().any(|byte| *byte != 0xFF) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl<P: Port> Commands for Towitoko<P> {
    const READ_MAX: u32 = 15;
    /// The two public drivers disagree about how a full block of 15 ends.
    const WRITE_MAX: u32 = 14;
    const READS_COUNTER: bool = true;

    /// The place that answered last is asked first; the others after it.
    fn probe(&mut self) -> Result<ReaderInfo, Error> {
        let mut failed: Option<Error> = None;
        let first = self.place;
        for place in (0..PLACES.len()).map(|step| first.saturating_add(step).checked_rem(PLACES.len()).unwrap_or(0)) {
            let Some(how) = PLACES.get(place) else { continue };
            match self.ask(*how) {
                Ok(info) => {
                    self.place = place;
                    return Ok(info);
                }
                Err(error) if error.kind == ErrorKind::Port => return Err(error),
                // Something that is no reader says more than silence does.
                Err(error) if failed.as_ref().is_none_or(|known| known.kind == ErrorKind::NoAnswer) => {
                    failed = Some(error);
                }
                Err(_) => {}
            }
            settle(self.link.port()).map_err(|lost| faults::lost(&lost, "towitoko"))?;
        }
        Err(failed.unwrap_or_else(|| fault(ErrorKind::NoAnswer, "timeout", "the reader does not answer")))
    }

    fn slot(&mut self) -> Result<Slot, Error> {
        let status = self.status()?;
        Ok(Slot { card: status & PRESENT != 0, powered: status & (PRESENT | CHANGED) == PRESENT })
    }

    fn power_on(&mut self) -> Result<(Chip, Vec<u8>), Error> {
        // What changed before is about another insertion.
        if self.status()? & PRESENT == 0 {
            return Err(no_card());
        }
        let mut atr = self.look(&cards::reset())?;
        atr.truncate(4);
        let chip = match Chip::by_atr(&atr) {
            Some(chip) => Some(chip),
            None => self.find_i2c()?.then_some(Chip::At24c02),
        };
        self.here()?;
        if let Some(chip) = chip {
            return Ok((chip, atr));
        }
        let _ = self.power_off();
        Err(unknown_card("mute"))
    }

    fn read(&mut self, chip: Chip, offset: u16, len: u8) -> Result<Vec<u8>, Error> {
        self.here()?;
        let bytes = self.look(&cards::read(chip, offset, len))?;
        self.here()?;
        Ok(bytes)
    }

    fn counter(&mut self, chip: Chip) -> Result<u8, Error> {
        self.here()?;
        let (counter, _) = self.security(chip)?;
        self.here()?;
        Ok(counter)
    }

    /// The chip's own order: spend a free bit, compare, erase the counter (which only a match allows), look.
    fn present(&mut self, chip: Chip, code: &[u8]) -> Result<(), Error> {
        self.here()?;
        let (before, _) = self.security(chip)?;
        if before == 0 {
            return Err(fault(ErrorKind::Locked, "counter-00", "the card is locked for ever"));
        }
        self.change_card(&cards::write_counter(chip, chip.spend(before)))?;
        self.change_card(&cards::compare(chip, code))?;
        self.change_card(&cards::write_counter(chip, 0xFF))?;
        let (after, seen) = self.security(chip)?;
        self.here()?;
        let text = format!("counter-{after:02X}");
        match after {
            0 => Err(fault(ErrorKind::Locked, &text, "the card is locked for ever")),
            // A full counter alone could be one that was never spent: a match shows the password, too.
            counter if counter == chip.full_counter() && shows(chip, &seen, code) => Ok(()),
            counter if counter == chip.full_counter() => Err(refused("not-compared", "the card did not compare")),
            _ => Err(fault(ErrorKind::WrongCode, &text, "the password does not fit; a try is gone")),
        }
    }

    fn write(&mut self, chip: Chip, offset: u16, bytes: &[u8]) -> Result<(), Error> {
        // The low byte of the address counts on by itself, the page does not.
        let [_, low] = offset.to_be_bytes();
        let page_left = usize::from(u8::MAX.saturating_sub(low)).saturating_add(1);
        let (here, next) = bytes.split_at_checked(page_left).unwrap_or((bytes, &[]));
        self.write_page(chip, offset, here)?;
        if next.is_empty() {
            return Ok(());
        }
        self.write_page(chip, offset.saturating_add(u16::try_from(here.len()).unwrap_or(0)), next)
    }

    fn change(&mut self, chip: Chip, code: &[u8]) -> Result<(), Error> {
        self.here()?;
        self.change_card(&cards::write_code(chip, code))?;
        let (_, seen) = self.security(chip)?;
        self.here()?;
        if shows(chip, &seen, code) { Ok(()) } else { Err(refused("unchanged", "the card did not take the password")) }
    }

    fn power_off(&mut self) -> Result<(), Error> {
        self.look(&cards::off()).map(|_| ())
    }
}

/// Whether the password that the card shows is this one. That an SLE4428 shows it is not said by what we have of its
/// data sheet: one that keeps it hidden is believed by its counter, and by the writes, which are read back.
fn shows(chip: Chip, seen: &[u8], code: &[u8]) -> bool {
    seen == code || (chip == Chip::Sle4428 && seen.iter().all(|byte| *byte == 0))
}

fn refused(code: &str, message: &str) -> Error {
    fault(ErrorKind::Refused, code, message)
}
