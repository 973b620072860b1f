//! What the contract asks for, in CCID commands and ACS memory-card commands.

use dianka_sdk::reader::driver::{CardInfo, Error, ErrorKind, ReaderInfo};
use dianka_sdk::reader::{Level, Port};

use crate::describe;
use crate::fault::{fault, port as port_fault};
use crate::link::{Answer, Command, Link};
use crate::wire::DATA_MAX;

/// An SLE4442 has 256 bytes of main memory.
const MEMORY: u32 = 256;
/// Its header, after the two bytes that PC/SC puts before a memory card's.
const ATR_SLE4442: [u8; 6] = [0x3B, 0x04, 0xA2, 0x13, 0x10, 0x91];
/// Bytes of its password.
const CODE_LEN: usize = 3;
/// Bytes of one read: an even part of the memory that leaves room for the status word.
const READ_CHUNK: usize = 128;
/// Bytes of one write: 5 ms each, so that no answer takes long.
const WRITE_CHUNK: usize = 32;
/// Time for what does not work the card.
const QUICK_MS: u32 = 1000;
/// Time for what does.
const CARD_MS: u32 = 3000;
/// CCID error: the card does not answer.
const ICC_MUTE: u8 = 0xFE;

/// A card's status word.
type Status = [u8; 2];

/// One port session.
pub struct Session<P> {
    link: Link<P>,
    selected: bool,
}

impl<P: Port> Session<P> {
    /// A session on a port that was not used yet.
    pub const fn new(port: P) -> Self {
        Self { link: Link::new(port), selected: false }
    }

    /// The link, for tests that need a certain sequence number.
    pub const fn link(&mut self) -> &mut Link<P> {
        &mut self.link
    }

    /// Ends the session.
    pub fn into_port(self) -> P {
        self.link.into_port()
    }

    /// Sets the line and asks for the firmware. The card is not touched.
    ///
    /// # Errors
    /// `no-answer`, `not-this-protocol`, `garbled`, `port`.
    pub fn probe(&mut self) -> Result<ReaderInfo, Error> {
        self.selected = false;
        self.link.restart(0);
        let line = describe::LINE;
        let port = self.link.port();
        port.configure(line).and_then(|()| port.flush_input()).map_err(|error| port_fault(&error))?;
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

    /// Whether a card is in the slot.
    ///
    /// # Errors
    /// Those of the line.
    pub fn poll(&mut self) -> Result<bool, Error> {
        let answer = self.slot(0x65, 0x81, 0)?;
        self.selected &= answer.card == 0 && !self.link.take_pulled();
        Ok(answer.card != 2)
    }

    /// Powers the card, makes sure of its kind, and selects it.
    ///
    /// # Errors
    /// `no-card`, `unknown-card`, and those of the line.
    pub fn power_on(&mut self) -> Result<CardInfo, Error> {
        self.selected = false;
        // 01h: 5 V.
        let answer = self.slot(0x62, 0x80, 1)?;
        // A notice from before the card was powered is about another insertion.
        let _ = self.link.take_pulled();
        if answer.card == 2 {
            return Err(no_card());
        }
        if answer.error.is_some() || answer.data != ATR_SLE4442 {
            let _ = self.power_off();
            let code = if answer.error == Some(ICC_MUTE) { "mute" } else { "other-atr" };
            return Err(fault(ErrorKind::UnknownCard, code, "the card is no SLE4442, or lies the wrong way round"));
        }
        self.selected = true;
        let selected = self.apdu(&[0xFF, 0xA4, 0x00, 0x00, 0x01, 0x06], true);
        if let Err(error) = selected.and_then(|(data, status)| done(&data, status, 0)) {
            self.selected = false;
            let refused = error.kind == ErrorKind::Refused;
            let unknown = || fault(ErrorKind::UnknownCard, &error.code, "the reader does not take the card as SLE4442");
            return Err(if refused { unknown() } else { error });
        }
        Ok(CardInfo { chip: "sle4442".into(), atr: answer.data, size: MEMORY })
    }

    /// Reads main memory.
    ///
    /// # Errors
    /// `bad-input` beyond the memory; `no-card`, `refused`, and those of the line.
    pub fn read(&mut self, offset: u32, len: u32) -> Result<Vec<u8>, Error> {
        let end = offset.checked_add(len).filter(|end| *end <= MEMORY);
        let end = end.ok_or_else(|| fault(ErrorKind::BadInput, "beyond", "the card has 256 bytes"))?;
        let mut out = Vec::new();
        for part in chunks(offset, end, READ_CHUNK) {
            let [address, count] = part;
            let (data, status) = self.apdu(&[0xFF, 0xB0, 0x00, address, count], true)?;
            done(&data, status, usize::from(count))?;
            out.extend_from_slice(&data);
        }
        Ok(out)
    }

    /// Tries that are left: the bits of the card's error counter.
    ///
    /// # Errors
    /// `no-card`, `refused`, and those of the line.
    pub fn error_counter(&mut self) -> Result<u8, Error> {
        let (data, status) = self.apdu(&[0xFF, 0xB1, 0x00, 0x00, 0x04], true)?;
        done(&data, status, 4)?;
        let counter = data.first().copied().unwrap_or(0);
        u8::try_from((counter & 7).count_ones()).map_err(|_| refused(status))
    }

    /// Presents the password, once. Never sent again unless the reader says that it did not get it.
    ///
    /// # Errors
    /// `bad-input` for another length, `wrong-code`, `locked`, `no-card`, `refused`, and those of the line; after
    /// `no-answer` or `garbled` a try may or may not be gone.
    pub fn present(&mut self, code: &[u8]) -> Result<(), Error> {
        let command = with_code([0xFF, 0x20, 0x00, 0x00], code)?;
        // Here 9007 says verified and 9000 says dead: the second byte is the error counter.
        match self.apdu(&command, false)? {
            (_, [0x90, 0x07]) => Ok(()),
            (_, [0x90, 0x00]) => Err(fault(ErrorKind::Locked, "9000", "the card is locked for ever")),
            (_, [0x90, counter]) => Err(fault(
                ErrorKind::WrongCode,
                &format!("90{counter:02X}"),
                "the password does not fit; a try is gone",
            )),
            (_, status) => Err(refused(status)),
        }
    }

    /// Writes main memory.
    ///
    /// # Errors
    /// `bad-input` beyond the memory; `refused` (protected, or no password presented), `no-card`, and those of the line.
    pub fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Error> {
        let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let end = offset.checked_add(len).filter(|end| *end <= MEMORY);
        let end = end.ok_or_else(|| fault(ErrorKind::BadInput, "beyond", "the card has 256 bytes"))?;
        for ([address, count], part) in chunks(offset, end, WRITE_CHUNK).zip(bytes.chunks(WRITE_CHUNK)) {
            let mut command = vec![0xFF, 0xD0, 0x00, address, count];
            command.extend_from_slice(part);
            let (data, status) = self.apdu(&command, false)?;
            done(&data, status, 0)?;
        }
        Ok(())
    }

    /// Replaces the password.
    ///
    /// # Errors
    /// As [`Session::write`].
    pub fn change_code(&mut self, code: &[u8]) -> Result<(), Error> {
        let command = with_code([0xFF, 0xD2, 0x00, 0x01], code)?;
        let (data, status) = self.apdu(&command, false)?;
        done(&data, status, 0)
    }

    /// Takes the power from the card.
    ///
    /// # Errors
    /// Those of the line.
    pub fn power_off(&mut self) -> Result<(), Error> {
        self.selected = false;
        self.slot(0x63, 0x81, 0).map(|_| ())
    }

    fn slot(&mut self, kind: u8, answer: u8, specific: u8) -> Result<Answer, Error> {
        let specific = [specific, 0, 0];
        let wait_ms = if kind == 0x62 { CARD_MS } else { QUICK_MS };
        self.link.exchange(&Command { kind, answer, specific, data: Vec::new(), wait_ms, repeatable: true })
    }

    /// One command to the card, and its data and status word.
    fn apdu(&mut self, apdu: &[u8], repeatable: bool) -> Result<(Vec<u8>, Status), Error> {
        if !self.selected {
            return Err(fault(ErrorKind::NoCard, "not-powered", "no card is powered and selected"));
        }
        debug_assert!(apdu.len() <= DATA_MAX, "a command of the driver fits the reader's buffer");
        let data = apdu.to_vec();
        let command = Command { kind: 0x6F, answer: 0x80, specific: [0; 3], data, wait_ms: CARD_MS, repeatable };
        let answer = self.link.exchange(&command)?;
        if answer.card != 0 || self.link.take_pulled() {
            self.selected = false;
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
}

/// Address and length of each part of `from..to`.
fn chunks(from: u32, to: u32, size: usize) -> impl Iterator<Item = [u8; 2]> {
    let size = u32::try_from(size).unwrap_or(1);
    (from..to).step_by(usize::try_from(size).unwrap_or(1)).filter_map(move |start| {
        let len = to.saturating_sub(start).min(size);
        Some([u8::try_from(start).ok()?, u8::try_from(len).ok()?])
    })
}

fn with_code(head: [u8; 4], code: &[u8]) -> Result<Vec<u8>, Error> {
    if code.len() != CODE_LEN {
        return Err(fault(ErrorKind::BadInput, "code-length", "the password has three bytes"));
    }
    let mut command = head.to_vec();
    command.push(3);
    command.extend_from_slice(code);
    Ok(command)
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

fn no_card() -> Error {
    fault(ErrorKind::NoCard, "no-card", "no card in the reader, or it was pulled")
}
