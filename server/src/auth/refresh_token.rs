//! Refresh tokens: opaque, stored as a digest, used once. Each use makes the successor by a keyed hash of the token, so
//! that two tabs, or a client whose answer was lost, get the *same* successor within the grace, and nothing but
//! digests is ever stored.

use crate::keys::{self, Keys};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A refresh token: its organisation (the scope to look it up in) and 32 secret bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    org: Uuid,
    secret: [u8; 32],
}

impl std::fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefreshToken").field("org", &self.org).finish_non_exhaustive()
    }
}

impl RefreshToken {
    /// The first of a family. `secret` is fresh random.
    #[must_use]
    pub const fn first(org: Uuid, secret: [u8; 32]) -> RefreshToken {
        RefreshToken { org, secret }
    }

    /// The one that follows this one.
    #[must_use]
    pub fn successor(&self, key: &Keys) -> RefreshToken {
        let secret = keys::hmac(&key.derive("refresh-chain"), &[self.org.as_bytes(), &self.secret]);
        RefreshToken { org: self.org, secret }
    }

    /// As the cookie carries it.
    #[must_use]
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode([self.org.as_bytes().as_slice(), &self.secret].concat())
    }

    /// From the cookie; `None` if it is no token.
    #[must_use]
    pub fn parse(text: &str) -> Option<RefreshToken> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (org, secret) = bytes.split_at_checked(16)?;
        Some(RefreshToken { org: Uuid::from_slice(org).ok()?, secret: secret.try_into().ok()? })
    }

    /// The organisation it claims; the digest decides whether it is true.
    #[must_use]
    pub const fn org(&self) -> Uuid {
        self.org
    }

    /// What is stored.
    #[must_use]
    pub fn digest(&self) -> Vec<u8> {
        Sha256::new().chain_update(self.org.as_bytes()).chain_update(self.secret).finalize().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_and_has_one_successor() {
        let key = Keys::from_bytes([5; 32], [0; 32]);
        let first = RefreshToken::first(Uuid::from_u128(7), [9; 32]);
        assert_eq!(RefreshToken::parse(&first.text()).as_ref(), Some(&first));
        let second = first.successor(&key);
        assert_eq!(second, first.successor(&key));
        assert_ne!(second, first);
        assert_ne!(second, first.successor(&Keys::from_bytes([6; 32], [0; 32])));
        assert_ne!(first.digest(), second.digest());
        assert_eq!(RefreshToken::parse("short"), None);
        assert_eq!(RefreshToken::parse("***"), None);
    }
}
