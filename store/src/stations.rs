//! Stations: the codes that they enrol with, and the keys that they prove themselves with.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::rows::{self, WorkstationRow};
use crate::schema::{station_code, station_key, workstation};
use crate::scope::Scoped;
use crate::text_enum::text_enum;
use crate::workstations::{Workstation, workstation_get};

text_enum! {
    /// Why a station's key ended.
    KeyEnd {
        /// An administrator shut the station out.
        Revoked = "revoked",
        /// Another station took its place with a newer code.
        ReEnrolled = "re-enrolled",
        /// The workstation was retired.
        Retired = "retired",
    }
}

/// A code to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStationCode {
    /// SHA-256 of the code.
    pub code_hash: [u8; 32],
    /// For which workstation.
    pub workstation_id: Uuid,
    /// From when.
    pub issued_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// A station that presents a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolling {
    /// SHA-256 of the code.
    pub code_hash: [u8; 32],
    /// Its Ed25519 key.
    pub sign_key: [u8; 32],
    /// Its X25519 key.
    pub box_key: [u8; 32],
    /// Number of its journal's last entry.
    pub journal_seq: u64,
    /// Now.
    pub at: DateTime<Utc>,
}

/// What became of an enrolment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enrolled {
    /// It is this workstation's station now. A second time for the same code and keys: the first answer was lost.
    Done(Box<Workstation>),
    /// There is no such code here.
    Unknown,
    /// Another station used it.
    Used,
    /// Its time is over.
    Expired,
    /// A newer code was issued for its workstation.
    Replaced,
    /// Its workstation was retired.
    Retired,
    /// The station's folder was enrolled for another workstation before.
    OtherWorkstation,
}

/// A station's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StationKey {
    /// Its workstation.
    pub workstation_id: Uuid,
    /// Its X25519 key.
    pub box_key: Vec<u8>,
    /// When it came.
    pub enrolled_at: DateTime<Utc>,
    /// The highest number of its journal that was seen.
    pub journal_seq: u64,
    /// Why it is shut out; `None`: it is not.
    pub ended: Option<KeyEnd>,
}

/// Stores a code; earlier ones of its workstation end.
///
/// # Errors
/// [`StoreError::NotFound`] for a workstation that is unknown or retired.
pub async fn station_code_add(s: &mut Scoped, new: &NewStationCode) -> Result<()> {
    let org_id = s.org();
    lock_workstation(s, new.workstation_id).await?.filter(|at| at.is_none()).ok_or(StoreError::NotFound)?;
    diesel::update(
        station_code::table.filter(
            station_code::org_id
                .eq(org_id)
                .and(station_code::workstation_id.eq(new.workstation_id))
                .and(station_code::ended_at.is_null()),
        ),
    )
    .set(station_code::ended_at.eq(new.issued_at))
    .execute(s.conn())
    .await?;
    diesel::insert_into(station_code::table)
        .values((
            station_code::org_id.eq(org_id),
            station_code::code_hash.eq(new.code_hash.as_slice()),
            station_code::workstation_id.eq(new.workstation_id),
            station_code::issued_at.eq(new.issued_at),
            station_code::expires_at.eq(new.expires_at),
        ))
        .execute(s.conn())
        .await?;
    Ok(())
}

/// When the workstation was retired, with its row locked; the outer `None`: there is none.
async fn lock_workstation(s: &mut Scoped, id: Uuid) -> Result<Option<Option<DateTime<Utc>>>> {
    let org_id = s.org();
    let this = workstation::org_id.eq(org_id).and(workstation::workstation_id.eq(id));
    let row = workstation::table.filter(this).select(workstation::retired_at).for_update();
    Ok(row.first(s.conn()).await.optional()?)
}

type CodeRow = (Uuid, DateTime<Utc>, Option<DateTime<Utc>>, Option<Vec<u8>>);

/// Makes whoever presents a code its workstation's station. The one before it is shut out. `former`: the workstation that
/// the station's folder was enrolled for before.
///
/// # Errors
/// [`StoreError::Conflict`] `station_key_pkey` for a signing key that was enrolled before with another code.
pub async fn station_enrol(s: &mut Scoped, new: &Enrolling, former: Option<Uuid>) -> Result<Enrolled> {
    let org_id = s.org();
    let this = station_code::org_id.eq(org_id).and(station_code::code_hash.eq(new.code_hash.as_slice()));
    let columns =
        (station_code::workstation_id, station_code::expires_at, station_code::ended_at, station_code::sign_key);
    // The workstation first, as everywhere: two that present the same code come one after the other.
    let owner: Option<Uuid> =
        station_code::table.filter(this).select(station_code::workstation_id).first(s.conn()).await.optional()?;
    let Some(owner) = owner else { return Ok(Enrolled::Unknown) };
    if lock_workstation(s, owner).await?.flatten().is_some() {
        return Ok(Enrolled::Retired);
    }
    let (_, expires_at, ended_at, used_by): CodeRow =
        station_code::table.filter(this).select(columns).first(s.conn()).await?;
    match (used_by, ended_at) {
        (Some(key), _) if key == new.sign_key => {
            let known = station_key_get(s, &new.sign_key).await?;
            let same = known.ended.is_none() && known.box_key == new.box_key;
            return if same {
                Ok(Enrolled::Done(Box::new(workstation_get(s, owner).await?)))
            } else {
                Ok(Enrolled::Used)
            };
        }
        (Some(_), _) => return Ok(Enrolled::Used),
        (None, Some(_)) => return Ok(Enrolled::Replaced),
        (None, None) => {}
    }
    if former.is_some_and(|former| former != owner) {
        return Ok(Enrolled::OtherWorkstation);
    }
    if new.at >= expires_at {
        return Ok(Enrolled::Expired);
    }
    diesel::update(station_code::table.filter(this))
        .set((station_code::ended_at.eq(new.at), station_code::sign_key.eq(new.sign_key.as_slice())))
        .execute(s.conn())
        .await?;
    station_key_end(s, owner, KeyEnd::ReEnrolled, new.at).await?;
    diesel::insert_into(station_key::table)
        .values((
            station_key::org_id.eq(org_id),
            station_key::sign_key.eq(new.sign_key.as_slice()),
            station_key::workstation_id.eq(owner),
            station_key::box_key.eq(new.box_key.as_slice()),
            station_key::enrolled_at.eq(new.at),
            station_key::journal_seq.eq(rows::signed_long("station_key.journal_seq", new.journal_seq)?),
        ))
        .execute(s.conn())
        .await?;
    Ok(Enrolled::Done(Box::new(workstation_get(s, owner).await?)))
}

type KeyRow = (Uuid, Vec<u8>, DateTime<Utc>, i64, Option<String>);

/// The keys of the station that signs with this key, ended or not.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn station_key_get(s: &mut Scoped, sign_key: &[u8]) -> Result<StationKey> {
    let org_id = s.org();
    let (workstation_id, box_key, enrolled_at, journal_seq, ended): KeyRow = station_key::table
        .filter(station_key::org_id.eq(org_id).and(station_key::sign_key.eq(sign_key)))
        .select((
            station_key::workstation_id,
            station_key::box_key,
            station_key::enrolled_at,
            station_key::journal_seq,
            station_key::ended_by,
        ))
        .first(s.conn())
        .await?;
    Ok(StationKey {
        workstation_id,
        box_key,
        enrolled_at,
        journal_seq: rows::unsigned_long("station_key.journal_seq", journal_seq)?,
        ended: ended.as_deref().map(KeyEnd::try_from).transpose()?,
    })
}

/// When each workstation's live station was enrolled.
///
/// # Errors
/// Those of every call.
pub async fn station_key_live(s: &mut Scoped) -> Result<Vec<(Uuid, DateTime<Utc>)>> {
    let org_id = s.org();
    Ok(station_key::table
        .filter(station_key::org_id.eq(org_id).and(station_key::ended_at.is_null()))
        .select((station_key::workstation_id, station_key::enrolled_at))
        .load(s.conn())
        .await?)
}

/// Shuts a workstation's station out. False when it had none.
///
/// # Errors
/// Those of every call.
pub async fn station_key_end(s: &mut Scoped, workstation_id: Uuid, why: KeyEnd, at: DateTime<Utc>) -> Result<bool> {
    let org_id = s.org();
    let live = station_key::org_id
        .eq(org_id)
        .and(station_key::workstation_id.eq(workstation_id))
        .and(station_key::ended_at.is_null());
    let ended = diesel::update(station_key::table.filter(live))
        .set((station_key::ended_at.eq(at), station_key::ended_by.eq(why.as_str())))
        .execute(s.conn())
        .await?;
    Ok(ended > 0)
}

/// Notes how far a station's journal was seen; a lower number changes nothing.
///
/// # Errors
/// Those of every call.
pub async fn station_journal_seen(s: &mut Scoped, sign_key: &[u8], seq: u64) -> Result<()> {
    let org_id = s.org();
    let seq = rows::signed_long("station_key.journal_seq", seq)?;
    let this = station_key::org_id.eq(org_id).and(station_key::sign_key.eq(sign_key));
    diesel::update(station_key::table.filter(this.and(station_key::journal_seq.lt(seq))))
        .set(station_key::journal_seq.eq(seq))
        .execute(s.conn())
        .await?;
    Ok(())
}

/// Retires a workstation: its station is shut out, its number stays taken. The number of open sales there when it
/// cannot be.
///
/// # Errors
/// [`StoreError::NotFound`]: unknown, or retired before.
pub async fn workstation_retire(s: &mut Scoped, id: Uuid, at: DateTime<Utc>) -> Result<std::result::Result<(), u32>> {
    use crate::schema::{sale, sale_open};
    let org_id = s.org();
    lock_workstation(s, id).await?.filter(|retired| retired.is_none()).ok_or(StoreError::NotFound)?;
    let open: i64 = sale_open::table
        .inner_join(sale::table.on(sale::org_id.eq(sale_open::org_id).and(sale::sale_id.eq(sale_open::sale_id))))
        .filter(sale_open::org_id.eq(org_id).and(sale::workstation_id.eq(id)))
        .count()
        .get_result(s.conn())
        .await?;
    if open > 0 {
        return Ok(Err(u32::try_from(open).unwrap_or(u32::MAX)));
    }
    station_key_end(s, id, KeyEnd::Retired, at).await?;
    let this = workstation::org_id.eq(org_id).and(workstation::workstation_id.eq(id));
    diesel::update(workstation::table.filter(this)).set(workstation::retired_at.eq(at)).execute(s.conn()).await?;
    Ok(Ok(()))
}

/// What a station is told beside its reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkstationChange {
    /// Name.
    pub name: String,
    /// The site that it stands in.
    pub site_id: Uuid,
    /// Language of its program: `zh-CN`, `en`, or the computer's own.
    pub language: Option<String>,
    /// How much its program logs: `error`, `warn`, `info`, `debug`.
    pub log_level: Option<String>,
}

/// Renames or moves a workstation, or changes what its program is told.
///
/// # Errors
/// [`StoreError::NotFound`]: unknown or retired; [`StoreError::Reference`] for an unknown site.
pub async fn workstation_change(s: &mut Scoped, id: Uuid, change: &WorkstationChange) -> Result<Workstation> {
    let org_id = s.org();
    let this = workstation::org_id.eq(org_id).and(workstation::workstation_id.eq(id));
    let row: WorkstationRow = diesel::update(workstation::table.filter(this.and(workstation::retired_at.is_null())))
        .set((
            workstation::name.eq(&change.name),
            workstation::site_id.eq(change.site_id),
            workstation::language.eq(&change.language),
            workstation::log_level.eq(&change.log_level),
            workstation::settings_revision.eq(workstation::settings_revision + 1),
        ))
        .returning(WorkstationRow::as_returning())
        .get_result(s.conn())
        .await?;
    row.try_into()
}
