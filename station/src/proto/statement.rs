//! What a station says under its own signature: who it is, that it holds a code, what became of a ticket.
//!
//! Each statement names its kind and the challenge of its connection, so that none passes for another one, and none
//! that was overheard can be said again.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::ticket::check_signature;
use super::{FromStation, Hello, Hex, TicketError};

/// A statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum Statement {
    /// "I am the station of this workstation."
    #[serde(rename = "dianka-station-greeting-1")]
    Greeting {
        /// From this connection's `Challenge`.
        challenge: Hex,
        /// The organisation that it was enrolled in.
        org: Uuid,
        /// The workstation that it was enrolled for.
        workstation_id: Uuid,
        /// Ed25519 key that the statement is signed with.
        sign_public_key: Hex,
        /// The rest of the introduction.
        hello: Hello,
    },
    /// "I hold this one-time code, and these are my keys."
    #[serde(rename = "dianka-station-enrolment-1")]
    Enrolment {
        /// From this connection's `Challenge`.
        challenge: Hex,
        /// The code as the page showed it.
        code: String,
        /// The workstation that this station's folder was enrolled for before, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        former: Option<Uuid>,
        /// Ed25519 key that the statement is signed with.
        sign_public_key: Hex,
        /// The rest of the introduction, with the X25519 key.
        hello: Hello,
    },
    /// A message that the server must be able to prove later.
    #[serde(rename = "dianka-station-evidence-1")]
    Evidence {
        /// From this connection's `Challenge`.
        challenge: Hex,
        /// Whose it is.
        workstation_id: Uuid,
        /// The message.
        message: Box<FromStation>,
    },
}

/// A statement as it travels: its exact text and the station's signature over it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedStatement {
    /// [`Statement`] as JSON text.
    pub body: String,
    /// Ed25519 over the bytes of `body`.
    pub signature: Hex,
}

impl Statement {
    /// Signs the statement.
    ///
    /// # Errors
    /// `Form` when it cannot be written as JSON.
    pub fn sign(&self, key: &SignKey) -> Result<SignedStatement, TicketError> {
        let body = serde_json::to_string(self).map_err(|_| TicketError::Form)?;
        let signature = Hex(key.0.sign(body.as_bytes()).to_bytes().to_vec());
        Ok(SignedStatement { body, signature })
    }
}

impl SignedStatement {
    /// What it says, unverified: only to find the key that it must be verified with.
    ///
    /// # Errors
    /// `Form`.
    pub fn claims(&self) -> Result<Statement, TicketError> {
        serde_json::from_str(&self.body).map_err(|_| TicketError::Form)
    }

    /// Checks the signature over the raw text, and only then reads it.
    ///
    /// # Errors
    /// `Key`, `Signature` or `Form`, in that order of checking.
    pub fn verify(&self, station: &Hex) -> Result<Statement, TicketError> {
        check_signature(station, &self.body, &self.signature)?;
        self.claims()
    }
}

/// The station's own signing key; its secret half never leaves the station.
#[derive(Clone)]
pub struct SignKey(SigningKey);

impl fmt::Debug for SignKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignKey(public {})", self.public())
    }
}

impl SignKey {
    /// A new random key.
    #[must_use]
    pub fn generate() -> Self {
        Self(SigningKey::from_bytes(&Zeroizing::new(rand::random())))
    }

    /// From its secret half as text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(hex::decode(text).ok()?);
        let bytes = Zeroizing::new(<[u8; 32]>::try_from(bytes.as_slice()).ok()?);
        Some(Self(SigningKey::from_bytes(&bytes)))
    }

    /// Its secret half as text, for the station's own folder.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(*Zeroizing::new(self.0.to_bytes())))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> Hex {
        Hex(self.0.verifying_key().to_bytes().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_believed_from_its_own_key_only_and_unaltered() {
        let key = SignKey::generate();
        let said = Statement::Evidence {
            challenge: Hex(vec![1; 32]),
            workstation_id: Uuid::from_u128(7),
            message: Box::new(FromStation::Pong),
        };
        let signed = said.sign(&key).unwrap();
        assert_eq!(signed.verify(&key.public()).unwrap(), said);
        assert_eq!(signed.verify(&SignKey::generate().public()), Err(TicketError::Signature));
        assert_eq!(signed.verify(&Hex(vec![1; 31])), Err(TicketError::Key));
        for at in 0..signed.body.len() {
            let mut bytes = signed.body.clone().into_bytes();
            bytes[at] ^= 1;
            let Ok(body) = String::from_utf8(bytes) else { continue };
            let altered = SignedStatement { body, ..signed.clone() };
            assert_eq!(altered.verify(&key.public()), Err(TicketError::Signature), "byte {at}");
        }
    }

    #[test]
    fn a_key_survives_its_text_and_is_not_printed() {
        let key = SignKey::generate();
        let again = SignKey::from_text(&key.to_text()).unwrap();
        assert_eq!(again.public(), key.public());
        assert!(!format!("{key:?}").contains(key.to_text().as_str()));
        assert!(SignKey::from_text("00").is_none());
    }
}
