//! What the contract asks for, in the ACR30's commands.

use dianka_reader_common::chip::CODE_SLE4428;
use dianka_reader_common::fault::{fault, no_card, port as port_fault, unknown_card, unsupported};
use dianka_reader_common::{Chip, Commands, Slot};
use dianka_sdk::reader::Port;
use dianka_sdk::reader::driver::{Error, ErrorKind, ReaderInfo};

use crate::describe;
use crate::link::{Answer, Link};

/// Time for what does not work the card.
const QUICK_MS: u32 = 1000;
/// Time for what does.
const CARD_MS: u32 = 3000;

const GET_STATUS: u8 = 0x01;
const SELECT_TYPE: u8 = 0x02;
const RESET: u8 = 0x80;
const POWER_OFF: u8 = 0x81;
const READ: u8 = 0x90;
const WRITE: u8 = 0x91;
const PRESENT: u8 = 0x92;
const CHANGE: u8 = 0x93;

/// C_STAT: a card is there, and it is powered.
const CARD_OUT: u8 = 0x00;
const CARD_POWERED: u8 = 0x03;

/// An ACR30.
#[derive(Debug)]
pub struct Acr30<P> {
    link: Link<P>,
}

impl<P: Port> Acr30<P> {
    /// On a port that was not used yet.
    pub const fn new(port: P) -> Self {
        Self { link: Link::new(port) }
    }

    /// The link.
    pub const fn link(&mut self) -> &mut Link<P> {
        &mut self.link
    }

    /// The port again, when the session is over.
    pub fn into_port(self) -> P {
        self.link.into_port()
    }

    /// The reader's 16 bytes about itself; the last is the state of the slot.
    fn status(&mut self) -> Result<Vec<u8>, Error> {
        let answer = self.link.exchange(GET_STATUS, &[], QUICK_MS, true)?;
        match answer {
            Answer { status: [0x90, _], data } if data.len() == 16 => Ok(data),
            _ => Err(fault(ErrorKind::NotThisProtocol, "no-status", "the reader's status is not an ACR30's")),
        }
    }

    fn slot_state(&mut self) -> Result<u8, Error> {
        Ok(self.status()?.last().copied().unwrap_or(CARD_OUT))
    }

    /// A command to the card that is powered.
    fn card(&mut self, ins: u8, data: &[u8], repeatable: bool) -> Result<Vec<u8>, Error> {
        let answer = self.link.exchange(ins, data, CARD_MS, repeatable)?;
        if self.link.take_pulled() {
            return Err(no_card());
        }
        match answer.status {
            [0x90, _] => Ok(answer.data),
            status => Err(failed(status)),
        }
    }

    /// Tries the card as one kind; none when it is not that.
    fn power_as(&mut self, chip: Chip) -> Result<Option<Vec<u8>>, Error> {
        let kind = match chip {
            Chip::Sle4442 => 0x06,
            Chip::Sle4428 => 0x05,
            Chip::At24c02 => 0x02,
        };
        let of_other_kind = |error: &Error| matches!(error.kind, ErrorKind::Refused | ErrorKind::UnknownCard);
        let reset = self.card(SELECT_TYPE, &[kind], true).and_then(|_| self.card(RESET, &[], true));
        let atr = match reset {
            Ok(atr) => atr,
            Err(error) if of_other_kind(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        if chip != Chip::At24c02 {
            return Ok((Chip::by_atr(&atr) == Some(chip)).then_some(atr));
        }
        // An I2C memory has no answer to reset; one that gives a byte is there.
        match self.read(chip, 0, 1) {
            Ok(_) => Ok(Some(atr)),
            Err(error) if of_other_kind(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl<P: Port> Commands for Acr30<P> {
    const READ_MAX: u32 = 128;
    /// 5 ms a byte, so that no answer takes long.
    const WRITE_MAX: u32 = 32;
    const READS_COUNTER: bool = false;

    fn probe(&mut self) -> Result<ReaderInfo, Error> {
        let port = self.link.port();
        port.configure(describe::LINE).and_then(|()| port.flush_input()).map_err(|error| port_fault(&error))?;
        let status = self.status()?;
        // The first ten bytes are the reader's own; where they are text, they name the firmware.
        let own = status.get(..10).unwrap_or_default();
        let text = own.iter().copied().filter(u8::is_ascii_graphic).map(char::from).collect::<String>();
        Ok(ReaderInfo { model: "ACR30".into(), firmware: if text.len() > 3 { text } else { String::new() } })
    }

    fn slot(&mut self) -> Result<Slot, Error> {
        let state = self.slot_state()?;
        let pulled = self.link.take_pulled();
        Ok(Slot { card: state != CARD_OUT, powered: state == CARD_POWERED && !pulled })
    }

    fn power_on(&mut self) -> Result<(Chip, Vec<u8>), Error> {
        if self.slot_state()? == CARD_OUT {
            return Err(no_card());
        }
        // A notice from before the card was powered is about another insertion.
        let _ = self.link.take_pulled();
        for chip in [Chip::Sle4442, Chip::Sle4428, Chip::At24c02] {
            if let Some(atr) = self.power_as(chip)? {
                return Ok((chip, atr));
            }
        }
        let _ = self.power_off();
        Err(unknown_card("no-type"))
    }

    fn read(&mut self, chip: Chip, offset: u16, len: u8) -> Result<Vec<u8>, Error> {
        let [high, low] = offset.to_be_bytes();
        let mut data = self.card(READ, &[high, low, len], true)?;
        // Protection bits follow the memory: of an SLE4442 up to four bytes, of an SLE4428 one bit for each byte.
        let len = usize::from(len);
        let bits = match chip {
            Chip::Sle4442 => 4,
            Chip::Sle4428 => len.div_ceil(8),
            Chip::At24c02 => 0,
        };
        if data.len() > len.saturating_add(bits) {
            return Err(fault(ErrorKind::Garbled, "length", "an answer of another length than asked for"));
        }
        data.truncate(len);
        Ok(data)
    }

    fn counter(&mut self, _: Chip) -> Result<u8, Error> {
        Err(unsupported("no-counter", "this reader tells the tries only after a presentation"))
    }

    fn present(&mut self, chip: Chip, code: &[u8]) -> Result<(), Error> {
        let data = self.card(PRESENT, code, false)?;
        // "Done" says only that the code was compared: the counter says how that ended.
        match data.first() {
            Some(counter) if *counter == chip.full_counter() => Ok(()),
            Some(0) => Err(fault(ErrorKind::Locked, "counter-00", "the card is locked for ever")),
            Some(counter) => Err(fault(
                ErrorKind::WrongCode,
                &format!("counter-{counter:02X}"),
                "the password does not fit; a try is gone",
            )),
            None => Err(fault(ErrorKind::Garbled, "no-counter", "an answer without the counter")),
        }
    }

    fn write(&mut self, _: Chip, offset: u16, bytes: &[u8]) -> Result<(), Error> {
        self.card(WRITE, &[&offset.to_be_bytes()[..], bytes].concat(), false).map(|_| ())
    }

    fn change(&mut self, chip: Chip, code: &[u8]) -> Result<(), Error> {
        match chip {
            Chip::Sle4442 => self.card(CHANGE, code, false).map(|_| ()),
            // The reader's command is for the SLE4442 only; here the code's cells are written like others.
            Chip::Sle4428 => self.write(chip, CODE_SLE4428, code),
            Chip::At24c02 => Err(unsupported("read-only", "this card has no password")),
        }
    }

    fn power_off(&mut self) -> Result<(), Error> {
        match self.link.exchange(POWER_OFF, &[], QUICK_MS, true)?.status {
            [0x90, _] | [0x60, 0x02 | 0x04] => Ok(()),
            status => Err(failed(status)),
        }
    }
}

fn failed(status: [u8; 2]) -> Error {
    let code = u16::from_be_bytes(status);
    let text = format!("{code:04X}");
    match code {
        // No type selected (the reader was reset), no card, not powered.
        0x6001 | 0x6002 | 0x6004 => no_card(),
        0x6003 | 0x6701 => unknown_card(&text),
        0x6201 => fault(ErrorKind::WrongCode, &text, "the password does not fit; a try is gone"),
        0x6705 => fault(ErrorKind::Locked, &text, "the card is locked for ever"),
        _ => fault(ErrorKind::Refused, &text, "the card or the reader refused the command"),
    }
}
