//! What the contract asks for, in the CRT-571's commands.

use dianka_reader_common::chip::{CODE_SLE4428, COUNTER_SLE4428};
use dianka_reader_common::fault::{fault, no_card, port as port_fault, unknown_card, unsupported};
use dianka_reader_common::{Chip, Commands, Slot};
use dianka_sdk::reader::Port;
use dianka_sdk::reader::driver::{Error, ErrorKind, ReaderInfo};

use crate::describe;
use crate::link::{Command, Link};
use crate::wire::Done;

/// Time for what does not work the card.
const QUICK_MS: u32 = 2000;
/// Time for what does, or moves it.
const CARD_MS: u32 = 4000;

/// st0.
const NO_CARD: u8 = b'0';
const IN_GATE: u8 = b'1';

/// A card's status word.
type Status = [u8; 2];

/// A reader of the CRT-571 family.
#[derive(Debug)]
pub struct Crt571<P> {
    link: Link<P>,
    powered: bool,
}

impl<P: Port> Crt571<P> {
    /// On a port that was not used yet.
    pub const fn new(port: P) -> Self {
        Self { link: Link::new(port), powered: false }
    }

    /// The link.
    pub const fn link(&mut self) -> &mut Link<P> {
        &mut self.link
    }

    /// The port again, when the session is over.
    pub fn into_port(self) -> P {
        self.link.into_port()
    }

    /// A command of the reader itself: st0 and data.
    fn reader(&mut self, cm: u8, pm: u8, wait_ms: u32, repeatable: bool) -> Result<(u8, Vec<u8>), Error> {
        match self.link.exchange(Command { cm, pm, data: &[], wait_ms, repeatable })? {
            Done::Well(st0, data) => Ok((st0, data)),
            Done::Badly(code) => Err(failed(code)),
        }
    }

    /// One command to the card, and its data and status word.
    fn card(&mut self, chip: Chip, apdu: &[u8], repeatable: bool) -> Result<(Vec<u8>, Status), Error> {
        let pm = if chip == Chip::Sle4428 { 0x34 } else { 0x33 };
        let command = Command { cm: 0x53, pm, data: apdu, wait_ms: CARD_MS, repeatable };
        let (st0, data) = match self.link.exchange(command)? {
            Done::Well(st0, data) => (st0, data),
            Done::Badly(code) => return Err(failed(code)),
        };
        if st0 == NO_CARD {
            return Err(no_card());
        }
        let Some((data, status)) = data.split_last_chunk::<2>() else {
            return Err(fault(ErrorKind::Garbled, "no-status", "an answer without status word"));
        };
        Ok((data.to_vec(), *status))
    }

    /// A command that only has to be done.
    fn order(&mut self, chip: Chip, head: [u8; 4], bytes: &[u8]) -> Result<(), Error> {
        let len = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
        let (_, status) = self.card(chip, &[&head[..], &[len], bytes].concat(), false)?;
        if status == [0x90, 0x00] { Ok(()) } else { Err(refused(status)) }
    }

    fn bytes(&mut self, chip: Chip, head: [u8; 4], len: u8) -> Result<Vec<u8>, Error> {
        let [a, b, c, d] = head;
        let (data, status) = self.card(chip, &[a, b, c, d, len], true)?;
        if status != [0x90, 0x00] {
            return Err(refused(status));
        }
        if data.len() != usize::from(len) {
            return Err(fault(ErrorKind::Garbled, "length", "an answer of another length than asked for"));
        }
        Ok(data)
    }
}

/// `00 INS` and an address: the SLE4428's has two bytes, the SLE4442's one after the area.
fn head(chip: Chip, ins: u8, offset: u16) -> [u8; 4] {
    let [high, low] = offset.to_be_bytes();
    [0x00, ins, if chip == Chip::Sle4428 { high } else { 0 }, low]
}

impl<P: Port> Commands for Crt571<P> {
    const READ_MAX: u32 = 128;
    /// 5 ms a byte, so that no answer takes long.
    const WRITE_MAX: u32 = 32;
    const READS_COUNTER: bool = true;

    fn probe(&mut self) -> Result<ReaderInfo, Error> {
        let port = self.link.port();
        port.configure(describe::LINE).and_then(|()| port.flush_input()).map_err(|error| port_fault(&error))?;
        // Initialise, and leave a card where it is.
        let (_, version) = self.reader(0x30, 0x33, QUICK_MS, true)?;
        let text = version.into_iter().filter(u8::is_ascii_graphic).map(char::from).collect::<String>();
        Ok(ReaderInfo { model: "CRT-571".into(), firmware: text })
    }

    fn slot(&mut self) -> Result<Slot, Error> {
        let (st0, _) = self.reader(0x31, 0x30, QUICK_MS, true)?;
        self.powered &= st0 != NO_CARD;
        Ok(Slot { card: st0 != NO_CARD, powered: self.powered })
    }

    fn power_on(&mut self) -> Result<(Chip, Vec<u8>), Error> {
        self.powered = false;
        match self.reader(0x31, 0x30, QUICK_MS, true)?.0 {
            NO_CARD => return Err(no_card()),
            // A reader with a motor takes it to its contacts; one without has nothing to move.
            IN_GATE => drop(self.reader(0x32, 0x31, CARD_MS, false)),
            _ => {}
        }
        let atr = match self.reader(0x53, 0x30, CARD_MS, true) {
            Ok((NO_CARD, _)) => return Err(no_card()),
            Ok((_, atr)) => atr,
            // The slot is not empty: what gives no answer to reset is another kind, or lies the wrong way round.
            Err(error) if matches!(error.kind, ErrorKind::Refused | ErrorKind::NoCard) => {
                return Err(unknown_card(&error.code));
            }
            Err(error) => return Err(error),
        };
        // Some put a status word after the four bytes.
        let Some(chip) = Chip::by_atr(&atr) else {
            let _ = self.power_off();
            return Err(unknown_card("other-atr"));
        };
        self.powered = true;
        Ok((chip, atr.into_iter().take(4).collect()))
    }

    fn read(&mut self, chip: Chip, offset: u16, len: u8) -> Result<Vec<u8>, Error> {
        self.bytes(chip, head(chip, 0xB0, offset), len)
    }

    fn counter(&mut self, chip: Chip) -> Result<u8, Error> {
        let security = match chip {
            Chip::Sle4428 => self.bytes(chip, head(chip, 0xB0, COUNTER_SLE4428), 1)?,
            _ => self.bytes(chip, [0x00, 0xB0, 0x02, 0x00], 4)?,
        };
        Ok(security.first().copied().unwrap_or(0))
    }

    fn present(&mut self, chip: Chip, code: &[u8]) -> Result<(), Error> {
        let head = if chip == Chip::Sle4428 { [0x00, 0x20, 0x00, 0x00] } else { [0x00, 0x20, 0x03, 0x01] };
        let len = u8::try_from(code.len()).unwrap_or(u8::MAX);
        let (_, status) = self.card(chip, &[&head[..], &[len], code].concat(), false)?;
        match status {
            [0x90, 0x00] => Ok(()),
            [0x6F, 0x01] => Err(fault(ErrorKind::WrongCode, "6F01", "the password does not fit; a try is gone")),
            [0x6F, 0x02] => Err(fault(ErrorKind::Locked, "6F02", "the card is locked for ever")),
            status => Err(refused(status)),
        }
    }

    fn write(&mut self, chip: Chip, offset: u16, bytes: &[u8]) -> Result<(), Error> {
        self.order(chip, head(chip, 0xD0, offset), bytes)
    }

    fn change(&mut self, chip: Chip, code: &[u8]) -> Result<(), Error> {
        match chip {
            Chip::Sle4442 => self.order(chip, [0x00, 0xD0, 0x02, 0x01], code),
            Chip::Sle4428 => self.order(chip, head(chip, 0xD0, CODE_SLE4428), code),
            Chip::At24c02 => Err(unsupported("read-only", "this card has no password")),
        }
    }

    fn power_off(&mut self) -> Result<(), Error> {
        self.powered = false;
        match self.reader(0x53, 0x31, QUICK_MS, true) {
            Ok(_) => Ok(()),
            // Nothing was powered.
            Err(error) if error.kind == ErrorKind::NoCard => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// A negative answer. "63" (no response), "65" (not activated) and "B0" (not reset) are a card that was pulled, or
/// pulled and put in again.
fn failed(code: [u8; 2]) -> Error {
    let text = code.map(|digit| if digit.is_ascii_graphic() { char::from(digit) } else { '?' });
    match &code {
        b"63" | b"65" | b"B0" => Error { code: text.iter().collect(), ..no_card() },
        _ => fault(ErrorKind::Refused, &text.iter().collect::<String>(), "the card or the reader refused the command"),
    }
}

fn refused([high, low]: Status) -> Error {
    fault(ErrorKind::Refused, &format!("{high:02X}{low:02X}"), "the card or the reader refused the command")
}
