//! Reader drivers on their way from the server to its stations: offered by hash under the server's signature, fetched in
//! parts, verified again by the station before anything runs.

use dianka_plugin_host::package::Digest;
use ed25519_dalek::{Signer as _, SigningKey};
use serde::{Deserialize, Serialize};

use super::ticket::check_signature;
use super::{Hex, TicketError};

/// Raw bytes of one part: with its hexadecimal text it stays below the largest message of the line.
pub const PART_BYTES: usize = 24 * 1024;

/// One reader driver that the server has in service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriverOffer {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: Digest,
    /// Size of the file.
    pub bytes: u32,
}

/// All reader drivers that the server has in service. What a station once got and is no longer among them, it drops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriverOffers {
    /// Says what is signed, so that no other signed text passes for it.
    kind: OffersKind,
    /// The drivers.
    pub drivers: Vec<DriverOffer>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum OffersKind {
    #[serde(rename = "dianka-driver-offers-1")]
    V1,
}

/// Offers as they travel: their exact text and the server's signature over it, made with the key that signs tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedOffers {
    /// [`DriverOffers`] as JSON text.
    pub body: String,
    /// Ed25519 over the bytes of `body`.
    pub signature: Hex,
}

impl DriverOffers {
    /// Offers of these drivers.
    #[must_use]
    pub fn new(drivers: Vec<DriverOffer>) -> Self {
        Self { kind: OffersKind::V1, drivers }
    }

    /// Signs the offers.
    ///
    /// # Errors
    /// `Form` when they cannot be written as JSON.
    pub fn sign(&self, key: &SigningKey) -> Result<SignedOffers, TicketError> {
        let body = serde_json::to_string(self).map_err(|_| TicketError::Form)?;
        let signature = Hex(key.sign(body.as_bytes()).to_bytes().to_vec());
        Ok(SignedOffers { body, signature })
    }
}

impl SignedOffers {
    /// Checks the signature over the raw text, and only then reads it.
    ///
    /// # Errors
    /// `Key`, `Signature` or `Form`, in that order of checking.
    pub fn verify(&self, server: &Hex) -> Result<DriverOffers, TicketError> {
        check_signature(server, &self.body, &self.signature)?;
        serde_json::from_str(&self.body).map_err(|_| TicketError::Form)
    }
}

/// A part of a driver's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriverPart {
    /// Of which file.
    pub sha256: Digest,
    /// Where it belongs in the file. Parts come in order.
    pub offset: u32,
    /// At most [`PART_BYTES`].
    pub bytes: Hex,
}
