//! Access tokens: JWT, EdDSA and nothing else, this server's key, issuer, audience and type (RFC 8725).
//!
//! They name the operator and carry no rights: rights are read from the operator's row (see
//! [`crate::auth::operators`]), so that taking a right away does not wait for a token to run out.

use crate::errors::Code;
use crate::http::problem::Problem;
use crate::keys::Keys;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::{Signature, Signer};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const ISSUER: &str = "dianka";
const AUDIENCE: &str = "dianka-api-v1";
/// RFC 9068: an access token says so, and no other token of ours does.
const TYPE: &str = "at+jwt";

/// What a token says.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Claims {
    /// Issuer.
    pub iss: String,
    /// Audience.
    pub aud: String,
    /// The operator.
    pub sub: Uuid,
    /// The organisation.
    pub org: Uuid,
    /// The log-in: the family of refresh tokens that this one came from.
    pub sid: Uuid,
    /// Made at, Unix seconds.
    pub iat: i64,
    /// Valid before, Unix seconds.
    pub exp: i64,
}

impl Claims {
    /// Themselves, until they run out.
    ///
    /// # Errors
    /// `auth.expired`.
    pub fn still_valid(self, now: DateTime<Utc>) -> Result<Self, Problem> {
        if now.timestamp() >= self.exp { Err(Problem::new(Code::AuthExpired)) } else { Ok(self) }
    }
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

/// Whom a token is for.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// The operator.
    pub operator: Uuid,
    /// The organisation.
    pub org: Uuid,
    /// The log-in.
    pub session: Uuid,
}

/// Signs a token that is valid for `seconds` from `now`.
///
/// # Errors
/// When the claims do not serialise, which does not happen.
pub fn issue(key: &Keys, subject: Subject, now: DateTime<Utc>, seconds: u32) -> Result<String, Problem> {
    let header = Header { alg: "EdDSA".to_owned(), typ: TYPE.to_owned(), kid: key.kid().to_owned() };
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: subject.operator,
        org: subject.org,
        sid: subject.session,
        iat: now.timestamp(),
        exp: (now + TimeDelta::seconds(i64::from(seconds))).timestamp(),
    };
    let part = |json: Result<Vec<u8>, serde_json::Error>| json.map(|j| URL_SAFE_NO_PAD.encode(j));
    let head = part(serde_json::to_vec(&header)).map_err(Problem::internal)?;
    let body = part(serde_json::to_vec(&claims)).map_err(Problem::internal)?;
    let signed = format!("{head}.{body}");
    let signature = URL_SAFE_NO_PAD.encode(key.token().sign(signed.as_bytes()).to_bytes());
    Ok(format!("{signed}.{signature}"))
}

/// Checks a token and gives its claims.
///
/// # Errors
/// `auth.required` for anything that is not a token of this server, `auth.expired` for one that ran out.
pub fn verify(key: &Keys, token: &str, now: DateTime<Utc>) -> Result<Claims, Problem> {
    let refused = |why: &str| Problem::new(Code::AuthRequired).because(why);
    let mut parts = token.split('.');
    let (Some(head), Some(body), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(refused("not three parts"));
    };
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| refused("not base64url"));
    let header: Header = serde_json::from_slice(&decode(head)?).map_err(|_| refused("header"))?;
    // The algorithm is fixed here; the header may only agree with it.
    if header.alg != "EdDSA" || header.typ != TYPE || header.kid != key.kid() {
        return Err(refused("another algorithm, type or key"));
    }
    let signature = Signature::from_slice(&decode(signature)?).map_err(|_| refused("signature length"))?;
    // The part before the last dot, exactly as it came.
    let signed = token.rsplit_once('.').map_or("", |(signed, _)| signed);
    let public = key.token().verifying_key();
    public.verify_strict(signed.as_bytes(), &signature).map_err(|_| refused("signature"))?;
    let claims: Claims = serde_json::from_slice(&decode(body)?).map_err(|_| refused("claims"))?;
    if claims.iss != ISSUER || claims.aud != AUDIENCE {
        return Err(refused("issuer or audience"));
    }
    claims.still_valid(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> Keys {
        Keys::from_bytes([0; 32], [seed; 32])
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn token(key: &Keys) -> String {
        let subject = Subject { operator: Uuid::from_u128(1), org: Uuid::from_u128(2), session: Uuid::from_u128(3) };
        issue(key, subject, at(0), 300).unwrap()
    }

    /// The token with one of its parts put through `change`.
    fn forged(part: usize, change: impl Fn(&str) -> String) -> String {
        let good = token(&key(1));
        let swap = |(n, p): (usize, &str)| if n == part { change(p) } else { p.to_owned() };
        let parts: Vec<_> = good.split('.').enumerate().map(swap).collect();
        parts.join(".")
    }

    fn rewritten(part: &str, from: &str, to: &str) -> String {
        let json = String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        assert!(json.contains(from), "{json}");
        URL_SAFE_NO_PAD.encode(json.replace(from, to))
    }

    #[test]
    fn a_good_token_holds_until_it_runs_out() {
        let good = token(&key(1));
        let claims = verify(&key(1), &good, at(299)).unwrap();
        assert_eq!([claims.sub, claims.org, claims.sid], [1, 2, 3].map(Uuid::from_u128));
        assert_eq!(verify(&key(1), &good, at(300)).unwrap_err().code(), Code::AuthExpired);
    }

    #[test]
    fn nothing_else_holds() {
        let cases = [
            String::new(),
            "a.b".to_owned(),
            "a.b.c".to_owned(),
            token(&key(2)),
            format!("{}.x", token(&key(1))),
            forged(0, |p| rewritten(p, "EdDSA", "none")),
            forged(0, |p| rewritten(p, "EdDSA", "HS256")),
            forged(0, |p| rewritten(p, "at+jwt", "JWT")),
            forged(1, |p| rewritten(p, "-000000000002", "-000000000009")),
            forged(1, |p| rewritten(p, "dianka-api-v1", "dianka-api-v2")),
            forged(2, |_| String::new()),
            forged(2, |p| p.chars().rev().collect()),
        ];
        for case in cases {
            assert_eq!(verify(&key(1), &case, at(1)).unwrap_err().code(), Code::AuthRequired, "{case}");
        }
    }
}
