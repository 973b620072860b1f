//! The token that a station presents when it dials in: shown once, stored as a digest.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A new token. It names organisation and workstation, so that the server knows where to look the digest up.
pub struct StationToken {
    text: String,
}

impl StationToken {
    /// For this workstation, from 32 fresh random bytes.
    #[must_use]
    pub fn new(org: Uuid, workstation: Uuid, secret: [u8; 32]) -> StationToken {
        let bytes = [org.as_bytes().as_slice(), workstation.as_bytes(), &secret].concat();
        StationToken { text: URL_SAFE_NO_PAD.encode(bytes) }
    }

    /// What the station is given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Organisation and workstation that a presented token claims; the digest decides whether it is true.
    #[must_use]
    pub fn claims(text: &str) -> Option<(Uuid, Uuid)> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == 64)?;
        let (org, rest) = bytes.split_at_checked(16)?;
        let (workstation, _) = rest.split_at_checked(16)?;
        Some((Uuid::from_slice(org).ok()?, Uuid::from_slice(workstation).ok()?))
    }
}

/// What is stored of a token.
#[must_use]
pub fn token_digest(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_workstation() {
        let (org, workstation) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let token = StationToken::new(org, workstation, [3; 32]);
        assert_eq!(StationToken::claims(token.text()), Some((org, workstation)));
        assert_eq!(StationToken::claims("abc"), None);
        assert_eq!(token_digest(token.text()).len(), 32);
    }
}
