//! The one-time code that a station enrols with: shown once, stored as a digest, over after a quarter of an hour.

use chrono::{DateTime, TimeDelta, Utc};
use dianka_store::NewStationCode;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

/// How long a code may be used.
pub const LIFE: TimeDelta = TimeDelta::minutes(15);

/// Crockford's letters: none that is read for another one.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters of a code, of five bits each.
const LENGTH: usize = 28;
const GROUP: usize = 4;

/// A code for a station.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EnrolmentCode {
    /// Shown only here.
    pub code: String,
    /// Until when it may be used.
    pub expires_at: DateTime<Utc>,
}

impl EnrolmentCode {
    /// A code from fresh random bytes, and what is stored of it.
    #[must_use]
    pub fn new(workstation_id: Uuid, random: [u8; LENGTH], now: DateTime<Utc>) -> (EnrolmentCode, NewStationCode) {
        let letters: Vec<char> = random.iter().map(|byte| letter(*byte)).collect();
        let code = letters.chunks(GROUP).map(String::from_iter).collect::<Vec<_>>().join("-");
        let expires_at = now + LIFE;
        let stored = NewStationCode { code_hash: code_digest(&code), workstation_id, issued_at: now, expires_at };
        (EnrolmentCode { code, expires_at }, stored)
    }
}

fn letter(byte: u8) -> char {
    LETTERS.get(usize::from(byte % 32)).copied().map_or('0', char::from)
}

/// What is stored of a code, however a person typed it: small letters, no dashes, an O for a zero.
#[must_use]
pub fn code_digest(typed: &str) -> [u8; 32] {
    let plain: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    Sha256::digest(plain.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_however_it_is_typed() {
        let now = "2026-11-22T04:00:00Z".parse().unwrap();
        let random: [u8; LENGTH] = std::array::from_fn(|n| u8::try_from(n * 9).unwrap());
        let (code, stored) = EnrolmentCode::new(Uuid::from_u128(1), random, now);
        assert_eq!(code.code.len(), LENGTH + LENGTH / GROUP - 1);
        assert_eq!(code.expires_at - now, LIFE);
        for typed in
            [code.code.clone(), code.code.to_lowercase(), code.code.replace('-', " "), code.code.replace('0', "o")]
        {
            assert_eq!(code_digest(&typed), stored.code_hash, "{typed}");
        }
        assert_ne!(code_digest(&code.code.replace('9', "8")), stored.code_hash);
        let (other, _) = EnrolmentCode::new(Uuid::from_u128(1), [200; LENGTH], now);
        assert_ne!(other.code, code.code);
    }
}
