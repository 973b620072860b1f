//! What the contract asks of every reader of memory cards.

use dianka_sdk::reader::driver::{CardInfo, Error, ErrorKind, ReaderInfo};

use crate::Chip;
use crate::fault::{fault, unsupported};

/// What is in the slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// A card.
    pub card: bool,
    /// It is the one that was powered, and still has its power.
    pub powered: bool,
}

/// The commands of one reader's protocol. Whoever calls them keeps to the chip's memory and to the longest parts.
pub trait Commands {
    /// Bytes of one read at most.
    const READ_MAX: u32;
    /// Bytes of one write at most.
    const WRITE_MAX: u32;
    /// Whether [`Commands::counter`] works before a password is presented.
    const READS_COUNTER: bool;

    /// Sets the line and asks the reader who it is; the card is not touched.
    ///
    /// # Errors
    /// `no-answer`, `not-this-protocol`, `garbled`, `port`: "those of the line".
    fn probe(&mut self) -> Result<ReaderInfo, Error>;
    /// Looks at the slot; neither power nor password is touched.
    ///
    /// # Errors
    /// Those of the line.
    fn slot(&mut self) -> Result<Slot, Error>;
    /// Powers the card and finds out what it is. Gives the answer to reset as the reader told it.
    ///
    /// # Errors
    /// `no-card`, `unknown-card`, and those of the line.
    fn power_on(&mut self) -> Result<(Chip, Vec<u8>), Error>;
    /// Reads `len` bytes.
    ///
    /// # Errors
    /// `no-card`, `refused`, and those of the line.
    fn read(&mut self, chip: Chip, offset: u16, len: u8) -> Result<Vec<u8>, Error>;
    /// The error counter as it stands on the card.
    ///
    /// # Errors
    /// As [`Commands::read`].
    fn counter(&mut self, chip: Chip) -> Result<u8, Error>;
    /// Presents a password of the right length, once.
    ///
    /// # Errors
    /// `wrong-code`, `locked`, `no-card`, `refused`, and those of the line, after which a try may be gone.
    fn present(&mut self, chip: Chip, code: &[u8]) -> Result<(), Error>;
    /// Writes bytes.
    ///
    /// # Errors
    /// As [`Commands::read`].
    fn write(&mut self, chip: Chip, offset: u16, bytes: &[u8]) -> Result<(), Error>;
    /// Replaces the password by one of the right length.
    ///
    /// # Errors
    /// As [`Commands::read`].
    fn change(&mut self, chip: Chip, code: &[u8]) -> Result<(), Error>;
    /// Takes the power from the card.
    ///
    /// # Errors
    /// Those of the line.
    fn power_off(&mut self) -> Result<(), Error>;
}

/// One port session: the functions of the contract over a reader's commands.
///
/// A card that was pulled has to be powered anew before anything else reaches it. All errors are the contract's.
#[derive(Debug)]
pub struct Session<C> {
    commands: C,
    card: Option<Chip>,
}

#[allow(clippy::missing_errors_doc, reason = "the contract's own functions, with the contract's errors")]
impl<C: Commands> Session<C> {
    /// A session on a port that was not used yet.
    pub const fn new(commands: C) -> Self {
        Self { commands, card: None }
    }

    /// The commands, for tests that look beneath the contract.
    pub const fn commands(&mut self) -> &mut C {
        &mut self.commands
    }

    /// Ends the session.
    pub fn into_commands(self) -> C {
        self.commands
    }

    /// Contract `probe`.
    pub fn probe(&mut self) -> Result<ReaderInfo, Error> {
        self.card = None;
        self.commands.probe()
    }

    /// Contract `poll`.
    pub fn poll(&mut self) -> Result<bool, Error> {
        let slot = self.commands.slot()?;
        if !(slot.card && slot.powered) {
            self.card = None;
        }
        Ok(slot.card)
    }

    /// Contract `power-on`.
    pub fn power_on(&mut self) -> Result<CardInfo, Error> {
        self.card = None;
        let (chip, atr) = self.commands.power_on()?;
        self.card = Some(chip);
        Ok(CardInfo { chip: chip.name().into(), atr, size: chip.size() })
    }

    /// Contract `read`.
    pub fn read(&mut self, offset: u32, len: u32) -> Result<Vec<u8>, Error> {
        self.on_card(|commands, chip| {
            let mut out = Vec::new();
            for (at, count) in parts(chip, offset, len, C::READ_MAX)? {
                let bytes = commands.read(chip, at, count)?;
                if bytes.len() != usize::from(count) {
                    return Err(fault(ErrorKind::Garbled, "length", "an answer of another length than asked for"));
                }
                out.extend_from_slice(&bytes);
            }
            Ok(out)
        })
    }

    /// Contract `error-counter`.
    pub fn error_counter(&mut self) -> Result<u8, Error> {
        if !C::READS_COUNTER {
            return Err(unsupported("no-counter", "this reader tells the tries only after a presentation"));
        }
        self.on_card(|commands, chip| {
            code_len(chip)?;
            commands.counter(chip).map(|counter| chip.tries(counter))
        })
    }

    /// Contract `present`.
    pub fn present(&mut self, code: &[u8]) -> Result<(), Error> {
        self.on_card(|commands, chip| {
            check_code(chip, code)?;
            commands.present(chip, code)
        })
    }

    /// Contract `write`.
    pub fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Error> {
        self.on_card(|commands, chip| {
            code_len(chip)?;
            let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            let size = usize::try_from(C::WRITE_MAX).unwrap_or(1).max(1);
            let parts = parts(chip, offset, len, C::WRITE_MAX)?;
            parts.into_iter().zip(bytes.chunks(size)).try_for_each(|((at, _), part)| commands.write(chip, at, part))
        })
    }

    /// Contract `change-code`.
    pub fn change_code(&mut self, code: &[u8]) -> Result<(), Error> {
        self.on_card(|commands, chip| {
            check_code(chip, code)?;
            commands.change(chip, code)
        })
    }

    /// Contract `power-off`.
    pub fn power_off(&mut self) -> Result<(), Error> {
        self.card = None;
        self.commands.power_off()
    }

    fn on_card<T>(&mut self, run: impl FnOnce(&mut C, Chip) -> Result<T, Error>) -> Result<T, Error> {
        let Some(chip) = self.card else {
            return Err(fault(ErrorKind::NoCard, "not-powered", "no card is powered and selected"));
        };
        let done = run(&mut self.commands, chip);
        if done.as_ref().is_err_and(|error| error.kind == ErrorKind::NoCard) {
            self.card = None;
        }
        done
    }
}

/// A chip without password cannot be written here either: see [`Chip::At24c02`].
fn code_len(chip: Chip) -> Result<usize, Error> {
    chip.code_len().ok_or_else(|| unsupported("read-only", "this card has no password; it is only read"))
}

fn check_code(chip: Chip, code: &[u8]) -> Result<(), Error> {
    let len = code_len(chip)?;
    if code.len() == len {
        return Ok(());
    }
    Err(fault(ErrorKind::BadInput, "code-length", format!("the password has {len} bytes")))
}

/// Address and length of each part of a piece of memory.
fn parts(chip: Chip, offset: u32, len: u32, longest: u32) -> Result<Vec<(u16, u8)>, Error> {
    let beyond = || fault(ErrorKind::BadInput, "beyond", format!("the card has {} bytes", chip.size()));
    let end = offset.checked_add(len).filter(|end| *end <= chip.size()).ok_or_else(beyond)?;
    let longest = longest.clamp(1, 255);
    let step = usize::try_from(longest).unwrap_or(1);
    let part = |at: u32| {
        let len = end.saturating_sub(at).min(longest);
        Some((u16::try_from(at).ok()?, u8::try_from(len).ok()?))
    };
    (offset..end).step_by(step).map(part).collect::<Option<Vec<_>>>().ok_or_else(beyond)
}
