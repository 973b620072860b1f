//! Access tokens whose signature has held: a signature costs more than the rest of a request's head.

use crate::auth::token::{self, Claims};
use crate::http::problem::Problem;
use crate::keys::Keys;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Tokens remembered; when it is full it starts anew.
const MOST: usize = 4_096;

/// The memory. Only what verified is in it, by the hash of the whole token, so nothing else can be found there.
#[derive(Debug, Default)]
pub struct SeenTokens(Mutex<HashMap<[u8; 32], Claims>>);

impl SeenTokens {
    /// As [`token::verify`].
    ///
    /// # Errors
    /// As [`token::verify`].
    pub fn verify(&self, keys: &Keys, token: &str, now: DateTime<Utc>) -> Result<Claims, Problem> {
        let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&hash).cloned();
        if let Some(claims) = seen {
            return claims.still_valid(now);
        }
        let claims = token::verify(keys, token, now)?;
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MOST {
            seen.clear();
        }
        seen.insert(hash, claims.clone());
        Ok(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::token::{Subject, issue};
    use crate::errors::Code;
    use uuid::Uuid;

    #[test]
    fn a_token_that_was_seen_still_runs_out_and_a_changed_one_is_refused() {
        let keys = Keys::from_bytes([0; 32], [1; 32]);
        let at = |seconds: i64| DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap();
        let subject = Subject { operator: Uuid::from_u128(1), org: Uuid::from_u128(2), session: Uuid::from_u128(3) };
        let token = issue(&keys, subject, at(0), 300).unwrap();
        let seen = SeenTokens::default();
        for _ in 0..2 {
            assert_eq!(seen.verify(&keys, &token, at(299)).unwrap().sub, Uuid::from_u128(1));
        }
        assert_eq!(seen.verify(&keys, &token, at(300)).unwrap_err().code(), Code::AuthExpired);
        let changed = token.replace(&token[token.len() - 4..], "AAAA");
        assert_eq!(seen.verify(&keys, &changed, at(1)).unwrap_err().code(), Code::AuthRequired);
    }
}
