//! The ticket: permission to write one image onto one card, once. It is a signed copy of the sale, so a server that
//! lost the end of its database can take it back from the station's journal.

use dianka_domain::card::WritePlan;
use dianka_domain::card::password::Trust;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::Hex;

/// What the server orders. Field order is the order in the signed text; the signature covers that text, byte for byte.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    /// The card operation, by the id that the client made.
    pub op_id: Uuid,
    /// Rises with each ticket of the operation; a station runs an epoch once and never an older one.
    pub epoch: u32,
    /// The organisation that owns the operation.
    pub org: Uuid,
    /// The only workstation that may run it.
    pub workstation_id: Uuid,
    /// The card session that it dies with.
    pub session: Uuid,
    /// Number of this ticket at its workstation, for the server's gapless list. The station does not judge by it.
    pub number: u64,
    /// SHA-256 of `before`.
    pub before_sha256: Hex,
    /// The whole image that must be on the card, byte for byte, or nothing is written.
    pub before: Hex,
    /// The whole image that must be on it afterwards.
    pub target: Hex,
    /// How to get from one to the other; made by the host. Not empty although the images are equal = a refresh of the
    /// seal, whose last writing was never seen to end.
    pub plan: WritePlan,
    /// The card's password, sealed to this station; absent when nothing is to be written.
    #[serde(default)]
    pub psc_sealed: Option<Hex>,
    /// Where the password comes from, which decides how many free tries it needs.
    pub trust: Trust,
    /// The whole sale row, for adoption after a restore. The station does not read it.
    pub sale: serde_json::Value,
    /// RFC 3339; for people. Nothing decides by it.
    pub issued_at: String,
}

/// A ticket as it travels: its exact text and the server's signature over it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedTicket {
    /// The ticket as JSON text.
    pub body: String,
    /// Ed25519 over the bytes of `body`.
    pub signature: Hex,
}

/// A ticket that is not to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// The server's key is not a key.
    #[error("the server's ticket key is not an Ed25519 public key")]
    Key,
    /// The signature does not fit the text.
    #[error("the ticket's signature does not fit")]
    Signature,
    /// Signed, but not a ticket of a form that this version knows.
    #[error("the ticket has an unknown form")]
    Form,
    /// `before_sha256` is not the hash of `before`.
    #[error("the ticket's hash does not fit its image")]
    Hash,
}

impl Ticket {
    /// Signs the ticket.
    ///
    /// # Errors
    /// `Form` when it cannot be written as JSON.
    pub fn sign(&self, key: &SigningKey) -> Result<SignedTicket, TicketError> {
        let body = serde_json::to_string(self).map_err(|_| TicketError::Form)?;
        let signature = Hex(key.sign(body.as_bytes()).to_bytes().to_vec());
        Ok(SignedTicket { body, signature })
    }

    /// SHA-256 of an image, as `before_sha256` wants it.
    #[must_use]
    pub fn hash(image: &[u8]) -> Hex {
        Hex(Sha256::digest(image).to_vec())
    }
}

impl SignedTicket {
    /// Checks the signature over the raw text, and only then reads it.
    ///
    /// # Errors
    /// `Key`, `Signature`, `Form` or `Hash`, in that order of checking.
    pub fn verify(&self, server: &Hex) -> Result<Ticket, TicketError> {
        check_signature(server, &self.body, &self.signature)?;
        let ticket: Ticket = serde_json::from_str(&self.body).map_err(|_| TicketError::Form)?;
        if Ticket::hash(&ticket.before.0) != ticket.before_sha256 {
            return Err(TicketError::Hash);
        }
        Ok(ticket)
    }
}

/// Whether the server signed this very text. `Key` or `Signature` when not.
pub(super) fn check_signature(server: &Hex, body: &str, signature: &Hex) -> Result<(), TicketError> {
    let key = server.array().and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok()).ok_or(TicketError::Key)?;
    let signature = Signature::from_bytes(&signature.array().ok_or(TicketError::Signature)?);
    key.verify_strict(body.as_bytes(), &signature).map_err(|_| TicketError::Signature)
}
