//! Cards that come and go, and reading them. Nothing here presents a password.

use dianka_plugin_host::reader::{ReaderCallError, ReaderErrorKind};
use uuid::Uuid;

use super::connection::Connection;
use super::worker::Worker;
use crate::proto::{CardSeen, FromStation, Hex, ReadOutcome};

/// Attempts to read a card that has just come in: contacts bounce.
const READS_MAX: u32 = 3;

/// What is in the slot.
#[derive(Debug)]
pub(super) enum Card {
    /// Read, and announced under a session.
    Read {
        session: Uuid,
        /// `sle4442`, ...
        chip: String,
        /// A password failed: none is presented any more until the card comes in anew.
        mismatched: bool,
    },
    /// Could not be read so many times, and was complained about when the attempts ran out.
    Unread(u32),
}

/// A card as the reader gives it.
#[derive(Debug)]
struct Contents {
    chip: String,
    image: Vec<u8>,
    tries: Option<u8>,
}

impl Connection {
    /// Powers the card and reads all of it.
    fn read_card(&mut self) -> Result<Contents, ReaderCallError> {
        let card = self.session.power_on()?;
        let image = self.session.read(0, card.size)?;
        let tries = self.tries()?;
        Ok(Contents { chip: card.chip, image, tries })
    }

    /// The free tries; none when this reader cannot tell.
    pub(super) fn tries(&mut self) -> Result<Option<u8>, ReaderCallError> {
        if !self.driver.describe().reads_error_counter {
            return Ok(None);
        }
        match self.session.error_counter() {
            Ok(tries) => Ok(Some(tries)),
            Err(ReaderCallError::Reader(error)) if error.kind == ReaderErrorKind::Unsupported => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Worker {
    /// The session of the card that is in, if it could be read.
    pub(super) fn card_session(&self) -> Option<Uuid> {
        match self.card {
            Some(Card::Read { session, .. }) => Some(session),
            _ => None,
        }
    }

    /// The chip of the card that is in; empty when there is none.
    pub(super) fn card_chip(&self) -> &str {
        match &self.card {
            Some(Card::Read { chip, .. }) => chip,
            _ => "",
        }
    }

    /// Whether a password failed in this session.
    pub(super) fn is_mismatched(&self) -> bool {
        matches!(self.card, Some(Card::Read { mismatched: true, .. }))
    }

    /// A password failed.
    pub(super) fn close_to_passwords(&mut self) {
        if let Some(Card::Read { mismatched, .. }) = &mut self.card {
            *mismatched = true;
        }
    }

    /// A poll answered.
    pub(super) fn card_present(&mut self, present: bool) {
        match (&self.card, present) {
            (_, false) => {
                // Only an empty slot ends an insertion: a reader that was lost and found may hold the same card.
                self.unpresented = true;
                self.card_out();
            }
            (None, true) => self.card_in(0),
            (Some(Card::Unread(attempts)), true) if *attempts < READS_MAX => {
                let attempts = *attempts;
                self.card_in(attempts);
            }
            (Some(Card::Read { .. }), true) => self.still_powered(),
            (Some(Card::Unread(_)), true) => {}
        }
    }

    /// A card that was exchanged between two polls is "in" both times, but only the one that was powered answers.
    fn still_powered(&mut self) {
        let Some(connection) = self.connection() else { return };
        if let Err(error) = connection.session.read(0, 1) {
            self.missed(&error);
        }
    }

    /// Looks at once, and a second time when the first look found that the card was exchanged.
    fn look(&mut self) {
        self.poll();
        if self.card.is_none() {
            self.poll();
        }
    }

    /// A card came in: reads it and announces it under a fresh session.
    fn card_in(&mut self, attempts: u32) {
        match self.read_now() {
            Ok(contents) => {
                let session = Uuid::new_v4();
                self.card = Some(Card::Read { session, chip: contents.chip.clone(), mismatched: false });
                // Before the greeting nobody hears of it: then results come first, and the card after them.
                if self.welcome.is_some() {
                    self.say(FromStation::CardIn(seen(session, contents)));
                }
            }
            Err(error) if is(&error, ReaderErrorKind::NoCard) => self.card_out(),
            Err(error) => {
                let unknown = is(&error, ReaderErrorKind::UnknownCard);
                let attempts = if unknown { READS_MAX } else { attempts + 1 };
                self.card = Some(Card::Unread(attempts));
                if attempts >= READS_MAX {
                    let (code, detail) = complaint(&error);
                    self.say(FromStation::CardError { code: code.into(), detail });
                }
                if Connection::is_over(&error) {
                    self.missed(&error);
                }
            }
        }
    }

    /// The card is gone, and its session with it.
    pub(super) fn card_out(&mut self) {
        match self.card.take() {
            Some(Card::Read { session, .. }) => self.say(FromStation::CardOut { session: Some(session) }),
            // Whoever was told of it is told that it is gone.
            Some(Card::Unread(attempts)) if attempts >= READS_MAX => self.say(FromStation::CardOut { session: None }),
            _ => {}
        }
    }

    fn read_now(&mut self) -> Result<Contents, ReaderCallError> {
        match self.connection() {
            Some(connection) => connection.read_card(),
            None => Err(gone()),
        }
    }

    /// Reads the card that was announced, under the same session. Reading powers whatever is in the slot, so a look
    /// goes before it: an exchanged card must not get the former one's session.
    fn read_again(&mut self, session: Uuid) -> Result<CardSeen, ReaderCallError> {
        let contents = self.read_now();
        if let Err(error) = &contents {
            self.missed(error);
        }
        contents.map(|contents| seen(session, contents))
    }

    /// Announces the card again, as it is now, to a server that has just greeted.
    pub(super) fn repeat_card(&mut self) {
        let Some(session) = self.card_session() else { return };
        self.look();
        // An exchanged card was announced by the look.
        if self.card_session() == Some(session)
            && let Ok(card) = self.read_again(session)
        {
            self.say(FromStation::CardIn(card));
        }
    }

    /// Answers `ReadCard`. A card that came in since the last poll is announced first, as always.
    pub(super) fn read_card(&mut self, request: Uuid) {
        self.look();
        let result = match self.card_session() {
            Some(session) => match self.read_again(session) {
                Ok(card) => ReadOutcome::Read(card),
                Err(error) => {
                    let (code, detail) = complaint(&error);
                    ReadOutcome::Failed { code: code.into(), detail }
                }
            },
            None => {
                let (code, detail) = match (&self.card, self.is_up()) {
                    (Some(_), true) => ("card.unreadable", String::new()),
                    (None, true) => ("card.none", String::new()),
                    (_, false) => self.why_down(),
                };
                ReadOutcome::Failed { code: code.into(), detail }
            }
        };
        self.say(FromStation::ReadAnswer { request, result });
    }
}

fn seen(session: Uuid, contents: Contents) -> CardSeen {
    CardSeen { session, chip: contents.chip, image: Hex(contents.image), tries: contents.tries }
}

fn gone() -> ReaderCallError {
    ReaderCallError::Reader(dianka_plugin_host::reader::ReaderError {
        kind: ReaderErrorKind::Port,
        code: "closed".into(),
        message: "the port is closed".into(),
    })
}

fn is(error: &ReaderCallError, kind: ReaderErrorKind) -> bool {
    matches!(error, ReaderCallError::Reader(error) if error.kind == kind)
}

fn complaint(error: &ReaderCallError) -> (&'static str, String) {
    let code = match error {
        ReaderCallError::Reader(error) => match error.kind {
            ReaderErrorKind::NoCard => "card.none",
            ReaderErrorKind::UnknownCard => "card.unknown",
            ReaderErrorKind::Port => "reader.unplugged",
            _ => "card.unreadable",
        },
        _ => "driver.fault",
    };
    (code, error.to_string())
}
