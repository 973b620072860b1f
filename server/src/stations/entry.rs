//! Who may come in: a station's greeting under its own key, or a one-time code for a new one.

use chrono::{DateTime, TimeDelta, Utc};
use dianka_station::proto::{EnrolledAs, Hello, Hex, SignedStatement, Statement};
use dianka_store::{self as store, Enrolled, Enrolling, KeyEnd, NewAudit, StoreError};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

use super::serve::Identity;
use super::settings;
use crate::sites::code_digest;
use crate::state::AppState;

/// Wrong codes of one address before it has to wait, and how long.
const WRONG_CODES: u32 = 10;
const PAUSE: TimeDelta = TimeDelta::minutes(5);
/// Addresses remembered at most.
const MOST_ADDRESSES: usize = 10_000;

/// A station that does not come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// Stable code, of the table.
    pub code: &'static str,
    /// Try again after so many seconds; none: it is for good.
    pub wait_s: Option<u32>,
}

/// Why nobody came in.
#[derive(Debug)]
pub enum NotIn {
    /// It is told so.
    Refused(Refusal),
    /// The database is away: the station comes again by itself.
    Later(StoreError),
}

impl From<StoreError> for NotIn {
    fn from(error: StoreError) -> NotIn {
        NotIn::Later(error)
    }
}

const fn refused(code: &'static str) -> NotIn {
    NotIn::Refused(Refusal { code, wait_s: None })
}

/// A station that has proved itself.
pub struct Greeted {
    /// Its workstation.
    pub who: Identity,
    /// The key that it signs with.
    pub sign_key: Hex,
    /// The rest of its introduction.
    pub hello: Hello,
}

/// Checks a greeting against the keys of the books.
///
/// # Errors
/// `station.unknown`, `.revoked`, `.reenrolled`, `.retired`, `.signature`, `.journal_lost`.
pub async fn greet(app: &AppState, signed: &SignedStatement, nonce: &Hex) -> Result<Greeted, NotIn> {
    // Read before it is believed: whose key it must be verified with.
    let Ok(Statement::Greeting { org, sign_public_key, .. }) = signed.claims() else {
        return Err(refused("station.signature"));
    };
    if !app.store.org_ids().await?.contains(&org) {
        return Err(refused("station.unknown"));
    }
    let find = app.store.tx(org, "station_greets", async |s| {
        let key = store::station_key_get(s, &sign_public_key.0).await?;
        let workstation = store::workstation_get(s, key.workstation_id).await?;
        Ok((key, workstation))
    });
    let (key, workstation) = match find.await {
        Ok(found) => found,
        Err(StoreError::NotFound) => return Err(refused("station.unknown")),
        Err(other) => return Err(other.into()),
    };
    let statement = signed.verify(&sign_public_key).map_err(|_| refused("station.signature"))?;
    let Statement::Greeting { challenge, workstation_id, hello, .. } = statement else {
        return Err(refused("station.signature"));
    };
    let same = workstation_id == key.workstation_id && hello.box_public_key.0 == key.box_key;
    if challenge != *nonce || !same {
        return Err(refused("station.signature"));
    }
    match key.ended {
        Some(KeyEnd::Revoked) => return Err(refused("station.revoked")),
        Some(KeyEnd::ReEnrolled) => return Err(refused("station.reenrolled")),
        Some(KeyEnd::Retired) => return Err(refused("station.retired")),
        None => {}
    }
    // A station that lost its journal is a new station: what it wrote and cannot remember must not be written again.
    if hello.journal_seq < key.journal_seq {
        tracing::error!(
            workstation = workstation.number,
            seen = key.journal_seq,
            now = hello.journal_seq,
            "a station's journal went back: it must be enrolled anew"
        );
        return Err(refused("station.journal_lost"));
    }
    let who = Identity { org, workstation: key.workstation_id, site: workstation.site_id, number: workstation.number };
    Ok(Greeted { who, sign_key: sign_public_key, hello })
}

/// Takes a code, and with it a station's keys.
///
/// # Errors
/// `enrol.unknown`, `.used`, `.expired`, `.replaced`, `.other_workstation`, `.limited`; `station.retired`, `.signature`.
pub async fn enrol(
    app: &AppState,
    peer: Option<IpAddr>,
    signed: &SignedStatement,
    nonce: &Hex,
) -> Result<EnrolledAs, NotIn> {
    let now = app.clock.now();
    app.enrolments.admit(peer, now).map_err(NotIn::Refused)?;
    // Proof of possession: the keys that come with the code are the sender's own.
    let key = match signed.claims() {
        Ok(Statement::Enrolment { sign_public_key, .. }) => sign_public_key,
        _ => return Err(refused("station.signature")),
    };
    let Ok(Statement::Enrolment { challenge, code, former, hello, .. }) = signed.verify(&key) else {
        return Err(refused("station.signature"));
    };
    let (Some(sign_key), Some(box_key)) = (key.array(), hello.box_public_key.array()) else {
        return Err(refused("station.signature"));
    };
    if challenge != *nonce {
        return Err(refused("station.signature"));
    }
    let new = Enrolling { code_hash: code_digest(&code), sign_key, box_key, journal_seq: hello.journal_seq, at: now };
    for org in app.store.org_ids().await? {
        match in_org(app, org, &new, former, &hello).await? {
            Enrolled::Unknown => {}
            Enrolled::Done(workstation) => {
                app.enrolments.succeeded(peer);
                // Whoever was there before is out.
                app.hub.cut(workstation.workstation_id);
                tracing::info!(workstation = workstation.number, version = hello.version, "station enrolled");
                return Ok(EnrolledAs {
                    org,
                    workstation_id: workstation.workstation_id,
                    number: workstation.number,
                    server_ticket_key: crate::sales::ticket::public_key(&app.keys),
                    settings: settings::of(app, org, &workstation).await?,
                });
            }
            Enrolled::Used => return Err(refused("enrol.used")),
            Enrolled::Expired => return Err(refused("enrol.expired")),
            Enrolled::Replaced => return Err(refused("enrol.replaced")),
            Enrolled::Retired => return Err(refused("station.retired")),
            Enrolled::OtherWorkstation => return Err(refused("enrol.other_workstation")),
        }
    }
    app.enrolments.failed(peer, now);
    Err(refused("enrol.unknown"))
}

async fn in_org(
    app: &AppState,
    org: Uuid,
    new: &Enrolling,
    former: Option<Uuid>,
    hello: &Hello,
) -> Result<Enrolled, NotIn> {
    let done = app.store.tx(org, "station_enrol", async |s| {
        let done = store::station_enrol(s, new, former).await?;
        if let Enrolled::Done(workstation) = &done {
            let detail = serde_json::json!({ "sign_key": hex::encode(new.sign_key), "version": hello.version });
            let entry = NewAudit {
                at: new.at,
                operator_id: None,
                workstation_id: Some(workstation.workstation_id),
                action: "workstation.enrol".to_owned(),
                subject_kind: "workstation".to_owned(),
                subject_id: Some(workstation.workstation_id),
                detail,
                request_id: None,
            };
            store::audit_add(s, &entry).await?;
        }
        Ok(done)
    });
    match done.await {
        Ok(done) => Ok(done),
        // Keys that came in before with another code.
        Err(StoreError::Conflict { .. }) => Err(refused("enrol.used")),
        Err(other) => Err(other.into()),
    }
}

/// Pauses after wrong codes, by address. Kept in memory: a code has 140 bits, so this is against noise.
#[derive(Debug, Default)]
pub struct EnrolLimit(Mutex<HashMap<IpAddr, (u32, DateTime<Utc>)>>);

impl EnrolLimit {
    fn admit(&self, peer: Option<IpAddr>, now: DateTime<Utc>) -> Result<(), Refusal> {
        let Some(peer) = peer else { return Ok(()) };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(&peer) {
            Some((_, last)) if *last + PAUSE <= now => {
                known.remove(&peer);
                Ok(())
            }
            Some((wrong, last)) if *wrong >= WRONG_CODES => {
                let wait_s = u32::try_from((*last + PAUSE - now).num_seconds()).unwrap_or(0).saturating_add(1);
                Err(Refusal { code: "enrol.limited", wait_s: Some(wait_s) })
            }
            _ => Ok(()),
        }
    }

    fn failed(&self, peer: Option<IpAddr>, now: DateTime<Utc>) {
        let Some(peer) = peer else { return };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_ADDRESSES {
            known.retain(|_, (_, last)| *last + PAUSE > now);
        }
        let entry = known.entry(peer).or_insert((0, now));
        *entry = (entry.0.saturating_add(1), now);
    }

    fn succeeded(&self, peer: Option<IpAddr>) {
        if let Some(peer) = peer {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&peer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_codes_of_one_address_make_it_wait_and_nobody_else() {
        let limit = EnrolLimit::default();
        let at = |seconds: i64| DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap();
        let (one, other) = (Some(IpAddr::from([10, 0, 0, 1])), Some(IpAddr::from([10, 0, 0, 2])));
        for _ in 0..WRONG_CODES {
            limit.admit(one, at(0)).unwrap();
            limit.failed(one, at(0));
        }
        let refusal = limit.admit(one, at(60)).unwrap_err();
        assert_eq!((refusal.code, refusal.wait_s), ("enrol.limited", Some(241)));
        limit.admit(other, at(60)).unwrap();
        limit.admit(one, at(300)).unwrap();
        limit.failed(one, at(300));
        limit.admit(one, at(300)).unwrap();
        limit.succeeded(one);
        limit.admit(one, at(301)).unwrap();
    }
}
