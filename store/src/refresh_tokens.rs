//! Rotating refresh tokens: a family is one log-in; a token is used once.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::Result;
use crate::schema::refresh_token;
use crate::scope::Scoped;

/// A refresh token to be stored: its digest, never itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRefreshToken {
    /// Digest of the token.
    pub token_hash: Vec<u8>,
    /// The log-in it belongs to.
    pub family: Uuid,
    /// Who logged in.
    pub operator_id: Uuid,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// What became of a token that was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshUse {
    /// Good, and now used up.
    Fresh {
        /// The log-in to go on with.
        family: Uuid,
        /// Who logged in.
        operator_id: Uuid,
    },
    /// Used before: somebody has a copy. End the family, unless it was a moment ago (two tabs at once).
    Reused {
        /// The log-in.
        family: Uuid,
        /// Who logged in.
        operator_id: Uuid,
        /// When it was used first.
        used_at: DateTime<Utc>,
    },
    /// Too old.
    Expired,
    /// Never issued, or its family has ended.
    Unknown,
}

/// Stores a token.
///
/// # Errors
/// [`StoreError::Reference`](crate::StoreError::Reference) for an unknown operator.
pub async fn refresh_token_add(s: &mut Scoped, new: &NewRefreshToken) -> Result<()> {
    let org_id = s.org();
    diesel::insert_into(refresh_token::table)
        .values((
            refresh_token::org_id.eq(org_id),
            refresh_token::token_hash.eq(&new.token_hash),
            refresh_token::family.eq(new.family),
            refresh_token::operator_id.eq(new.operator_id),
            refresh_token::issued_at.eq(new.issued_at),
            refresh_token::expires_at.eq(new.expires_at),
        ))
        .execute(s.conn())
        .await?;
    Ok(())
}

type TokenFacts = (Uuid, Uuid, DateTime<Utc>, Option<DateTime<Utc>>);

/// Uses a token up, once: of two at the same time one gets [`RefreshUse::Fresh`].
///
/// # Errors
/// Those of every call.
pub async fn refresh_token_use(s: &mut Scoped, token_hash: &[u8], now: DateTime<Utc>) -> Result<RefreshUse> {
    let org_id = s.org();
    let this = refresh_token::org_id.eq(org_id).and(refresh_token::token_hash.eq(token_hash));
    let found: Option<TokenFacts> = refresh_token::table
        .filter(this)
        .select((refresh_token::family, refresh_token::operator_id, refresh_token::expires_at, refresh_token::used_at))
        .for_no_key_update()
        .first(s.conn())
        .await
        .optional()?;
    let Some((family, operator_id, expires_at, used_at)) = found else {
        return Ok(RefreshUse::Unknown);
    };
    if let Some(used_at) = used_at {
        return Ok(RefreshUse::Reused { family, operator_id, used_at });
    }
    if expires_at <= now {
        return Ok(RefreshUse::Expired);
    }
    let this = refresh_token::org_id.eq(org_id).and(refresh_token::token_hash.eq(token_hash));
    diesel::update(refresh_token::table.filter(this)).set(refresh_token::used_at.eq(now)).execute(s.conn()).await?;
    Ok(RefreshUse::Fresh { family, operator_id })
}

/// Ends a log-in: all of its tokens.
///
/// # Errors
/// Those of every call.
pub async fn refresh_token_family_end(s: &mut Scoped, family: Uuid) -> Result<()> {
    let org_id = s.org();
    let all = refresh_token::org_id.eq(org_id).and(refresh_token::family.eq(family));
    diesel::delete(refresh_token::table.filter(all)).execute(s.conn()).await?;
    Ok(())
}

/// Ends every log-in of an operator.
///
/// # Errors
/// Those of every call.
pub async fn refresh_token_operator_end(s: &mut Scoped, operator_id: Uuid) -> Result<()> {
    let org_id = s.org();
    let all = refresh_token::org_id.eq(org_id).and(refresh_token::operator_id.eq(operator_id));
    diesel::delete(refresh_token::table.filter(all)).execute(s.conn()).await?;
    Ok(())
}

/// Removes what expired before `before`; returns how many.
///
/// # Errors
/// Those of every call.
pub async fn refresh_token_purge(s: &mut Scoped, before: DateTime<Utc>) -> Result<usize> {
    let org_id = s.org();
    let old = refresh_token::org_id.eq(org_id).and(refresh_token::expires_at.lt(before));
    Ok(diesel::delete(refresh_token::table.filter(old)).execute(s.conn()).await?)
}
