//! A reader and a card in memory: believes only tickets that the server signed, for this card as it is, with a password that
//! opens.

use dianka_station::enrolment::Enrolment;
use dianka_station::proto::{
    CardSeen, FromStation, Hex, ReadOutcome, ReaderState, ReaderStatus, SignedTicket, TicketOutcome, TicketResult,
    ToStation,
};
use dianka_tests::Failure;
use tokio::sync::mpsc::UnboundedSender;
use uuid::Uuid;

/// A card as its maker delivers it: four bytes of header, nothing written.
fn blank() -> Vec<u8> {
    let mut image = vec![0xA2, 0x13, 0x10, 0x91];
    image.resize(256, 0xFF);
    image
}

/// The reader of one station, with what a station's journal would remember.
pub struct Reader {
    who: Enrolment,
    card: Option<CardSeen>,
    /// Results that the server has not acknowledged.
    unacknowledged: Vec<TicketResult>,
    out: UnboundedSender<FromStation>,
}

impl Reader {
    /// An empty one.
    pub fn new(who: Enrolment, out: UnboundedSender<FromStation>) -> Self {
        Self { who, card: None, unacknowledged: Vec::new(), out }
    }

    /// The card that is in goes, a blank one comes.
    pub fn blank_card(&mut self, session: Uuid) {
        if let Some(old) = self.card.take() {
            self.say(FromStation::CardOut { session: Some(old.session) });
        }
        let card = CardSeen { session, chip: "sle4442".into(), image: Hex(blank()), tries: Some(3) };
        self.card = Some(card.clone());
        self.say(FromStation::CardIn(card));
    }

    /// What the server says.
    pub fn hear(&mut self, message: ToStation) -> Result<(), Failure> {
        match message {
            ToStation::Welcome(_) => self.introduce(),
            ToStation::Write(ticket) => self.write(&ticket)?,
            ToStation::AckResult { op, epoch } => {
                self.unacknowledged.retain(|result| (result.op, result.epoch) != (op, epoch));
            }
            ToStation::ReadCard { request } => {
                let none = || ReadOutcome::Failed { code: "card.none".into(), detail: String::new() };
                let result = self.card.clone().map_or_else(none, ReadOutcome::Read);
                self.say(FromStation::ReadAnswer { request, result });
            }
            ToStation::Ping => self.say(FromStation::Pong),
            // Settings and drivers: this reader needs none.
            _ => {}
        }
        Ok(())
    }

    /// What a station says at each connection.
    fn introduce(&self) {
        self.say(FromStation::State(ReaderState {
            state: ReaderStatus::Ready,
            driver_id: "ccid-serial".into(),
            driver_version: None,
            port: "memory".into(),
            model: None,
            firmware: None,
            detail: None,
        }));
        for result in &self.unacknowledged {
            self.say(FromStation::TicketResult(result.clone()));
        }
        if let Some(card) = &self.card {
            self.say(FromStation::CardIn(card.clone()));
        }
    }

    fn write(&mut self, signed: &SignedTicket) -> Result<(), Failure> {
        let ticket = signed.verify(&self.who.server_ticket_key)?;
        let card = self.card.as_mut().ok_or("a ticket without a card")?;
        if (ticket.org, ticket.workstation_id, ticket.session) != (self.who.org, self.who.workstation_id, card.session)
        {
            return Err("a ticket for another station or card".into());
        }
        if ticket.before != card.image {
            return Err("a ticket for what is not on the card".into());
        }
        let password = ticket.psc_sealed.as_ref().map(|sealed| self.who.keys.seal.open(sealed)).transpose()?;
        card.image = ticket.target.clone();
        let (image1, image2) = (ticket.target.clone(), ticket.target);
        let result = TicketResult {
            op: ticket.op_id,
            epoch: ticket.epoch,
            session: ticket.session,
            outcome: TicketOutcome::Written { image1, image2, tries: Some(3) },
            psc_changed: password.and_then(|password| password.change_to).map(|_| true),
        };
        self.unacknowledged.push(result.clone());
        self.say(FromStation::TicketResult(result));
        Ok(())
    }

    fn say(&self, message: FromStation) {
        // A link that has ended says so by itself.
        let _ended = self.out.send(message);
    }
}
