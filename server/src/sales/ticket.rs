//! Tickets: what a station is ordered to write, signed, with the card's password sealed to that one station.

use dianka_domain::card::password::{Holds, Trust, Which, presentation};
use dianka_domain::card::{CardImage, Layout, WritePlan};
use dianka_plugin_host::meter::AccessRule;
use dianka_station::proto::{CardPassword, Hex, Secret, SignedTicket, Ticket};
use dianka_store::PscState;
use uuid::Uuid;

use super::frozen::AccessPair;
use crate::cards::password;
use crate::keys::Keys;

/// What a ticket is made of.
#[derive(Debug)]
pub struct Order<'a> {
    /// Organisation.
    pub org: Uuid,
    /// The sale.
    pub sale_id: Uuid,
    /// This ticket's epoch.
    pub epoch: u32,
    /// Who writes.
    pub workstation: Uuid,
    /// In which card session.
    pub session: Uuid,
    /// The station's box key.
    pub box_key: &'a Hex,
    /// What is on the card now.
    pub before: &'a CardImage,
    /// What shall be on it.
    pub target: &'a CardImage,
    /// The layout.
    pub layout: &'a Layout,
    /// Password rules.
    pub access: &'a AccessPair,
    /// Whose password the card answers to, as far as known.
    pub psc: PscState,
    /// The password has verified on this very card before.
    pub verified_before: bool,
    /// It puts the old image back: the password stays as it is.
    pub restores: bool,
    /// The card has lost tries: what needs no password is done without one.
    pub may_not_present: bool,
    /// The sale row, for a station's journal.
    pub sale: serde_json::Value,
    /// RFC 3339.
    pub issued_at: String,
}

/// A ticket cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// The images do not lead from one to the other.
    #[error(transparent)]
    Plan(#[from] dianka_domain::card::WritePlanError),
    /// The password cannot be derived.
    #[error(transparent)]
    Key(#[from] password::NoSuchKey),
    /// It cannot be sealed or signed.
    #[error("{0}")]
    Seal(String),
}

/// The target with the meter's own bytes as they are on the card now: the meter may have written since the sale was
/// decided, and what it wrote is its own.
#[must_use]
pub fn with_returned_of(target: &CardImage, current: &CardImage, layout: &Layout) -> CardImage {
    let bytes = target.bytes().iter().zip(current.bytes()).zip(0_u32..);
    CardImage::new(bytes.map(|((t, c), at)| if layout.is_returned(at) { *c } else { *t }).collect())
}

/// Makes and signs the ticket.
///
/// # Errors
/// [`OrderError`].
pub fn make(keys: &Keys, order: &Order<'_>) -> Result<SignedTicket, OrderError> {
    let target = with_returned_of(order.target, order.before, order.layout);
    // The image is right, but the write that made it was never seen to end: its last cell may be weak.
    let plan = if order.restores && *order.before == target && order.may_not_present {
        // To be proven only: with fewer tries than all, a password is not risked for a seal that reads right.
        WritePlan::build(order.before, &target, order.layout)?
    } else if *order.before == target {
        WritePlan::refresh(order.layout)
    } else {
        WritePlan::build(order.before, &target, order.layout)?
    };
    let (password, trust) = password_for(keys, order)?;
    let sealed = password.seal(order.box_key).map_err(|e| OrderError::Seal(e.to_string()))?;
    let ticket = Ticket {
        op_id: order.sale_id,
        epoch: order.epoch,
        org: order.org,
        workstation_id: order.workstation,
        session: order.session,
        number: u64::from(order.epoch),
        before_sha256: Ticket::hash(order.before.bytes()),
        before: Hex(order.before.bytes().to_vec()),
        target: Hex(target.bytes().to_vec()),
        plan,
        psc_sealed: Some(sealed),
        trust,
        sale: order.sale.clone(),
        issued_at: order.issued_at.clone(),
    };
    ticket.sign(keys.ticket()).map_err(|e| OrderError::Seal(e.to_string()))
}

fn password_for(keys: &Keys, order: &Order<'_>) -> Result<(CardPassword, Trust), OrderError> {
    let now = secret(keys, &order.access.now, order.access.key_version)?;
    let then = secret(keys, &order.access.then, order.access.key_version)?;
    let holds = match order.psc {
        PscState::Transport => Holds::Transport,
        PscState::Ours => Holds::Ours,
        PscState::Unknown => Holds::Unknown,
    };
    let decided = presentation(order.access.now != order.access.then, holds, order.verified_before);
    let password = match decided.present {
        // The old image keeps the old password.
        Which::Before if order.restores => CardPassword { present: now, change_to: None },
        Which::Before => CardPassword { present: now, change_to: decided.changes.then_some(then) },
        Which::After => CardPassword { present: then, change_to: None },
    };
    Ok((password, decided.trust))
}

fn secret(keys: &Keys, rule: &AccessRule, version: u8) -> Result<Secret, OrderError> {
    Ok(Secret::new(match rule {
        AccessRule::Transport(code) => code.clone(),
        AccessRule::Derived(d) => password::derive(keys, &d.slot, version, &d.message, d.len)?,
    }))
}

/// What stations check tickets with.
#[must_use]
pub fn public_key(keys: &Keys) -> Hex {
    Hex(keys.ticket().verifying_key().to_bytes().to_vec())
}
