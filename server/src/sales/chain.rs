//! The tickets and promises of an open sale, as the domain judges by them.

use dianka_domain::card::CardImage;
use dianka_domain::card_op::{
    Authorised, EventNo, Fence, MeterId, OpId, OpKind, OperatorId, Order, Purpose, SessionId, StationId, Ticket,
};
use dianka_store::{self as store, StoreError};
use serde_json::{Value, json};
use uuid::Uuid;

use super::begin::figures;
use super::desk::{Act, InFlight};

/// Tickets in the order of issue, and the stations' promises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The tickets.
    pub tickets: Vec<Ticket>,
    /// The promises to refuse them.
    pub fences: Vec<Fence>,
}

impl Chain {
    /// That of a sale that has just been authorised.
    #[must_use]
    pub fn first(workstation: Uuid, session: Uuid) -> Self {
        Self { tickets: vec![ticket(1, workstation, session, Purpose::Write)], fences: Vec::new() }
    }

    /// From the books.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a ticket whose session is no id.
    pub fn of(tickets: &[store::Ticket], fences: &[store::Fence]) -> Result<Self, StoreError> {
        let tickets = tickets.iter().map(|row| {
            let session = Uuid::parse_str(&row.session)
                .map_err(|e| StoreError::Inconsistent(format!("the session of a ticket: {e}")))?;
            Ok(ticket(row.epoch, row.workstation_id, session, purpose_of(&row.body)))
        });
        Ok(Self { tickets: tickets.collect::<Result<_, StoreError>>()?, fences: fences.iter().map(promise).collect() })
    }

    /// The newest ticket's epoch.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        self.tickets.last().map_or(0, |ticket| ticket.epoch)
    }

    /// With one more ticket.
    #[must_use]
    pub fn with_ticket(&self, epoch: u32, workstation: Uuid, session: Uuid, purpose: Purpose) -> Self {
        let mut more = self.clone();
        more.tickets.push(ticket(epoch, workstation, session, purpose));
        more
    }

    /// With one more promise.
    #[must_use]
    pub fn with_fence(&self, row: &store::Fence) -> Self {
        let mut more = self.clone();
        more.fences.push(promise(row));
        more
    }
}

fn ticket(epoch: u32, workstation: Uuid, session: Uuid, purpose: Purpose) -> Ticket {
    Ticket {
        epoch,
        station: StationId(workstation.as_u128()),
        session: SessionId(session.as_u128()),
        issued: EventNo::of_ticket(epoch),
        purpose,
    }
}

fn promise(row: &store::Fence) -> Fence {
    Fence {
        station: StationId(row.workstation_id.as_u128()),
        up_to_epoch: row.up_to_epoch,
        received: EventNo::after_ticket(row.newest_epoch),
    }
}

/// The purpose of a ticket, as its row says it.
pub fn purpose_of(body: &Value) -> Purpose {
    let asked_by = body.pointer("/restore/asked_by").and_then(Value::as_str).and_then(|id| Uuid::parse_str(id).ok());
    asked_by.map_or(Purpose::Write, |id| Purpose::Restore { asked_by: OperatorId(id.as_u128()) })
}

/// What the row of a restoring ticket says beside the rest.
pub fn restore_body(asked_by: OperatorId) -> Value {
    json!({ "asked_by": Uuid::from_u128(asked_by.0) })
}

/// The open sale, or replacement, as the domain has it.
///
/// # Errors
/// [`StoreError::Inconsistent`] for rows that are no authorised operation.
pub fn authorised(flight: &InFlight) -> Result<Authorised, StoreError> {
    let facts = &flight.facts;
    let wrong = |what: String| StoreError::Inconsistent(format!("operation {}: {what}", flight.id()));
    let figures = || figures(facts).map_err(|p| wrong(format!("its figures: {:?}", p.cause())));
    let (kind, sale, replaced) = match flight.act {
        Act::Sale { replaced } => (OpKind::Sale, Some(figures()?), replaced),
        Act::Replacement(_) => (OpKind::Replace, None, false),
    };
    let order = Order {
        id: OpId(flight.id().as_u128()),
        kind,
        meter: MeterId(facts.meter_id.as_u128()),
        period: facts.period,
        count: facts.count,
        quantity: facts.quantity_wh,
        card_generation: flight.op.generation,
        before: CardImage::new(flight.op.before_image.clone()),
        target: CardImage::new(flight.op.target_image.clone()),
        sale,
    };
    let Chain { tickets, fences } = flight.chain.clone();
    Authorised::restore(order, tickets, fences, replaced).map_err(|e| wrong(e.to_string()))
}
