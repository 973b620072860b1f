//! What the contract asks for, in CCID commands and ACS memory-card commands.

use dianka_reader_common::chip::CODE_SLE4428;
use dianka_reader_common::fault::{fault, lost, no_card, port as port_fault, unknown_card, unsupported};
use dianka_reader_common::line::settle;
use dianka_reader_common::{Chip, Commands, Slot};
use dianka_sdk::reader::driver::{Error, ErrorKind, ReaderInfo};
use dianka_sdk::reader::{Level, Port};

use crate::describe;
use crate::link::{Answer, Command, Link};
use crate::wire::{DATA_MAX, Envelope};

/// What PC/SC puts before the four bytes of a memory card's answer to reset.
const ATR_HEAD: [u8; 2] = [0x3B, 0x04];
/// Time for what does not work the card.
const QUICK_MS: u32 = 1000;
/// Time for what does.
const CARD_MS: u32 = 3000;
/// CCID error: the card does not answer.
const ICC_MUTE: u8 = 0xFE;
/// An ACS reader of this framing has no command that tells its firmware and leaves the card alone.
const ACS_MODEL: &str = "ACS serial CCID";

/// A card's status word.
type Status = [u8; 2];

/// A serial CCID reader with the memory-card commands of ACS.
pub struct Ccid<P> {
    link: Link<P>,
    /// An I2C memory gave no answer to reset, so that the reader does not call it powered and yet works it.
    silent: bool,
}

impl<P: Port> Ccid<P> {
    /// On a port that was not used yet.
    pub const fn new(port: P) -> Self {
        Self { link: Link::new(port), silent: false }
    }

    /// The link, for tests that need a certain sequence number.
    pub const fn link(&mut self) -> &mut Link<P> {
        &mut self.link
    }

    /// The port again, when the session is over.
    pub fn into_port(self) -> P {
        self.link.into_port()
    }

    /// Asks in one envelope who is there.
    fn ask(&mut self, envelope: Envelope) -> Result<ReaderInfo, Error> {
        self.link.restart(0);
        self.link.wrap(envelope);
        let port = self.link.port();
        port.configure(describe::line(envelope)).and_then(|()| port.flush_input()).map_err(|e| port_fault(&e))?;
        match envelope {
            Envelope::GemPc => self.firmware(),
            Envelope::Acs => {
                self.slot_command(0x65, 0x81, 0)?;
                Ok(ReaderInfo { model: ACS_MODEL.into(), firmware: String::new() })
            }
        }
    }

    fn firmware(&mut self) -> Result<ReaderInfo, Error> {
        let answer = self.link.exchange(&Command {
            kind: 0x6B,
            answer: 0x83,
            specific: [0; 3],
            data: vec![0x02],
            wait_ms: QUICK_MS,
            repeatable: true,
        })?;
        let firmware = String::from_utf8(answer.data).unwrap_or_default();
        if answer.error.is_some() || firmware.is_empty() || firmware.chars().any(char::is_control) {
            return Err(fault(ErrorKind::NotThisProtocol, "no-firmware", "the reader does not tell its firmware"));
        }
        let model = firmware.split(['-', ' ']).next().unwrap_or_default().to_owned();
        self.link.port().log(Level::Info, &format!("reader {firmware}"));
        Ok(ReaderInfo { model, firmware })
    }

    fn slot_command(&mut self, kind: u8, answer: u8, specific: u8) -> Result<Answer, Error> {
        let specific = [specific, 0, 0];
        let wait_ms = if kind == 0x62 { CARD_MS } else { QUICK_MS };
        self.link.exchange(&Command { kind, answer, specific, data: Vec::new(), wait_ms, repeatable: true })
    }

    /// Whether the card is the one that was powered, by the state in an answer.
    fn is_live(&mut self, state: u8) -> bool {
        let pulled = self.link.take_pulled();
        !pulled && (state == 0 || (state == 1 && self.silent))
    }

    /// Tells the reader what card to work.
    fn select(&mut self, kind: u8) -> Result<(), Error> {
        let (data, status) = self.apdu(&[0xFF, 0xA4, 0x00, 0x00, 0x01, kind], true)?;
        done(&data, status, 0)
    }

    /// A card without answer to reset may be an I2C memory; only one that gives a byte is taken for it.
    fn find_i2c(&mut self) -> Result<(), Error> {
        self.select(0x01)?;
        self.read(Chip::At24c02, 0, 1).map(|_| ())
    }

    /// One command to the card, and its data and status word.
    fn apdu(&mut self, apdu: &[u8], repeatable: bool) -> Result<(Vec<u8>, Status), Error> {
        debug_assert!(apdu.len() <= DATA_MAX, "a command of the driver fits the reader's buffer");
        let data = apdu.to_vec();
        let command = Command { kind: 0x6F, answer: 0x80, specific: [0; 3], data, wait_ms: CARD_MS, repeatable };
        let answer = self.link.exchange(&command)?;
        if !self.is_live(answer.card) {
            return Err(no_card());
        }
        if let Some(error) = answer.error {
            return Err(fault(ErrorKind::Refused, &format!("ccid-{error:02X}"), "the reader could not work the card"));
        }
        let Some((data, status)) = answer.data.split_last_chunk::<2>() else {
            return Err(fault(ErrorKind::Garbled, "no-status", "an answer without status word"));
        };
        Ok((data.to_vec(), *status))
    }

    fn change_by(&mut self, head: [u8; 4], code: &[u8]) -> Result<(), Error> {
        let (data, status) = self.apdu(&with_bytes(head, code), false)?;
        done(&data, status, 0)
    }
}

impl<P: Port> Commands for Ccid<P> {
    /// An even part of the memory that leaves room for the status word.
    const READ_MAX: u32 = 128;
    /// 5 ms a byte, so that no answer takes long.
    const WRITE_MAX: u32 = 32;
    const READS_COUNTER: bool = true;

    /// The envelope that answered last is asked first; at first, GemPC Twin.
    fn probe(&mut self) -> Result<ReaderInfo, Error> {
        let first = self.link.envelope();
        let failed = match self.ask(first) {
            Err(error) if error.kind != ErrorKind::Port => error,
            answered => return answered,
        };
        settle(self.link.port()).map_err(|error| lost(&error, "ccid"))?;
        let second = if first == Envelope::GemPc { Envelope::Acs } else { Envelope::GemPc };
        self.ask(second).map_err(|error| {
            self.link.wrap(first);
            // Something that is no reader says more than silence does.
            if error.kind == ErrorKind::NoAnswer { failed } else { error }
        })
    }

    fn slot(&mut self) -> Result<Slot, Error> {
        let answer = self.slot_command(0x65, 0x81, 0)?;
        let powered = self.is_live(answer.card);
        Ok(Slot { card: answer.card != 2, powered })
    }

    fn power_on(&mut self) -> Result<(Chip, Vec<u8>), Error> {
        // 01h: 5 V.
        let answer = self.slot_command(0x62, 0x80, 1)?;
        // A notice from before the card was powered is about another insertion.
        let _ = self.link.take_pulled();
        if answer.card == 2 {
            return Err(no_card());
        }
        self.silent = answer.card == 1;
        let head = answer.data.strip_prefix(&ATR_HEAD).filter(|atr| atr.len() == 4 && answer.error.is_none());
        let found = match head.and_then(Chip::by_atr) {
            Some(Chip::Sle4428) => self.select(0x05).map(|()| Chip::Sle4428),
            Some(_) => self.select(0x06).map(|()| Chip::Sle4442),
            None => self.find_i2c().map(|()| Chip::At24c02),
        };
        let with_head = head.is_some();
        match found {
            Ok(chip) => Ok((chip, answer.data)),
            Err(error) => {
                // A card of another kind may lose its power to the selection: it is there all the same.
                let there =
                    !with_head && error.kind == ErrorKind::NoCard && self.slot_command(0x65, 0x81, 0)?.card != 2;
                if error.kind != ErrorKind::Refused && !there {
                    return Err(error);
                }
                let _ = self.power_off();
                let silent = if answer.error == Some(ICC_MUTE) { "mute" } else { "other-atr" };
                Err(unknown_card(if with_head { &error.code } else { silent }))
            }
        }
    }

    fn read(&mut self, chip: Chip, offset: u16, len: u8) -> Result<Vec<u8>, Error> {
        let [high, low] = offset.to_be_bytes();
        let high = if chip == Chip::Sle4428 { high } else { 0 };
        let (data, status) = self.apdu(&[0xFF, 0xB0, high, low, len], true)?;
        done(&data, status, usize::from(len))?;
        Ok(data)
    }

    fn counter(&mut self, chip: Chip) -> Result<u8, Error> {
        // The counter, then as many bytes of the password, which read 00.
        let len = if chip == Chip::Sle4428 { 3 } else { 4 };
        let (data, status) = self.apdu(&[0xFF, 0xB1, 0x00, 0x00, len], true)?;
        done(&data, status, usize::from(len))?;
        Ok(data.first().copied().unwrap_or(0))
    }

    fn present(&mut self, chip: Chip, code: &[u8]) -> Result<(), Error> {
        // Here 9007 (90FF of an SLE4428) says verified and 9000 says dead: the second byte is the error counter.
        match self.apdu(&with_bytes([0xFF, 0x20, 0x00, 0x00], code), false)? {
            (_, [0x90, 0x00]) => Err(fault(ErrorKind::Locked, "9000", "the card is locked for ever")),
            (_, [0x90, counter]) if counter == chip.full_counter() => Ok(()),
            (_, [0x90, counter]) => Err(fault(
                ErrorKind::WrongCode,
                &format!("90{counter:02X}"),
                "the password does not fit; a try is gone",
            )),
            (_, status) => Err(refused(status)),
        }
    }

    fn write(&mut self, chip: Chip, offset: u16, bytes: &[u8]) -> Result<(), Error> {
        let [high, low] = offset.to_be_bytes();
        let high = if chip == Chip::Sle4428 { high } else { 0 };
        let (data, status) = self.apdu(&with_bytes([0xFF, 0xD0, high, low], bytes), false)?;
        done(&data, status, 0)
    }

    fn change(&mut self, chip: Chip, code: &[u8]) -> Result<(), Error> {
        match chip {
            Chip::Sle4442 => self.change_by([0xFF, 0xD2, 0x00, 0x01], code),
            // No command of its own: after a presentation its cells are written like others.
            Chip::Sle4428 => {
                let [high, low] = CODE_SLE4428.to_be_bytes();
                self.change_by([0xFF, 0xD0, high, low], code)
            }
            Chip::At24c02 => Err(unsupported("read-only", "this card has no password")),
        }
    }

    fn power_off(&mut self) -> Result<(), Error> {
        self.silent = false;
        self.slot_command(0x63, 0x81, 0).map(|_| ())
    }
}

fn with_bytes(head: [u8; 4], bytes: &[u8]) -> Vec<u8> {
    let len = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
    [&head[..], &[len], bytes].concat()
}

/// Success with exactly so many bytes of data.
fn done(data: &[u8], status: Status, len: usize) -> Result<(), Error> {
    if status != [0x90, 0x00] {
        return Err(refused(status));
    }
    if data.len() != len {
        return Err(fault(ErrorKind::Garbled, "length", "an answer of another length than asked for"));
    }
    Ok(())
}

fn refused([high, low]: Status) -> Error {
    fault(ErrorKind::Refused, &format!("{high:02X}{low:02X}"), "the card or the reader refused the command")
}
