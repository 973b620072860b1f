//! Workstations 工作站: one counter with one card reader.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::rows::{self, WorkstationRow};
use crate::schema::{workstation, workstation_counter};
use crate::scope::Scoped;
use crate::text_enum::text_enum;

text_enum! {
    /// Where a workstation's reader hangs.
    WorkstationKind {
        /// On the server itself.
        BuiltIn = "built-in",
        /// On a station program that dials in.
        Station = "station",
    }
}

/// The reader of a workstation, as it was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderSettings {
    /// Driver package.
    pub driver_id: String,
    /// Serial port, or the name of a virtual one.
    pub port: String,
    /// Line speed; `None`: the driver's own.
    pub baud: Option<u32>,
}

/// A workstation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workstation {
    /// Its id.
    pub workstation_id: Uuid,
    /// The site it stands in.
    pub site_id: Uuid,
    /// Number, unique in the organisation; 0 is the server's own.
    pub number: u32,
    /// Name.
    pub name: String,
    /// Built in or a station.
    pub kind: WorkstationKind,
    /// Its reader, once set.
    pub reader: Option<ReaderSettings>,
    /// Language of its program: `zh-CN`, `en`, or the computer's own.
    pub language: Option<String>,
    /// How much its program logs.
    pub log_level: Option<String>,
    /// Rises with every change of name, reader, language or log.
    pub settings_revision: u64,
    /// It is no longer used.
    pub retired: bool,
}

/// A workstation to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWorkstation {
    /// Its id.
    pub workstation_id: Uuid,
    /// The site it stands in.
    pub site_id: Uuid,
    /// Number, unique in the organisation; `None`: the next free one.
    pub number: Option<u32>,
    /// Name.
    pub name: String,
    /// Built in or a station.
    pub kind: WorkstationKind,
    /// Its reader.
    pub reader: Option<ReaderSettings>,
}

/// Adds a workstation with its receipt counter; returns its number.
///
/// # Errors
/// [`StoreError::Conflict`] `workstation_number_key`; [`StoreError::Reference`] for an unknown site.
pub async fn workstation_create(s: &mut Scoped, new: &NewWorkstation) -> Result<u32> {
    let org_id = s.org();
    let number = match new.number {
        Some(number) => rows::signed("workstation.number", number)?,
        None => next_number(s).await?,
    };
    let reader = new.reader.as_ref();
    diesel::insert_into(workstation::table)
        .values((
            workstation::org_id.eq(org_id),
            workstation::workstation_id.eq(new.workstation_id),
            workstation::site_id.eq(new.site_id),
            workstation::number.eq(number),
            workstation::name.eq(&new.name),
            workstation::kind.eq(new.kind.as_str()),
            workstation::reader_driver_id.eq(reader.map(|r| &r.driver_id)),
            workstation::reader_port.eq(reader.map(|r| &r.port)),
            workstation::reader_baud.eq(rows::signed_or_none("workstation.reader_baud", reader.and_then(|r| r.baud))?),
        ))
        .execute(s.conn())
        .await?;
    diesel::insert_into(workstation_counter::table)
        .values((
            workstation_counter::org_id.eq(org_id),
            workstation_counter::workstation_id.eq(new.workstation_id),
            workstation_counter::next_receipt_no.eq(1_i64),
        ))
        .execute(s.conn())
        .await?;
    rows::unsigned("workstation.number", number)
}

/// One above the highest; two that ask at once collide on the unique number and one is told so.
async fn next_number(s: &mut Scoped) -> Result<i32> {
    let org_id = s.org();
    let highest: Option<i32> = workstation::table
        .filter(workstation::org_id.eq(org_id))
        .select(diesel::dsl::max(workstation::number))
        .first(s.conn())
        .await?;
    Ok(highest.map_or(0, |number| number.saturating_add(1)))
}

/// One workstation.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn workstation_get(s: &mut Scoped, workstation_id: Uuid) -> Result<Workstation> {
    let org_id = s.org();
    workstation::table
        .filter(workstation::org_id.eq(org_id).and(workstation::workstation_id.eq(workstation_id)))
        .select(WorkstationRow::as_select())
        .first(s.conn())
        .await?
        .try_into()
}

/// All workstations, by number, the retired ones among them.
///
/// # Errors
/// Those of every call.
pub async fn workstation_list(s: &mut Scoped) -> Result<Vec<Workstation>> {
    let org_id = s.org();
    let rows: Vec<WorkstationRow> = workstation::table
        .filter(workstation::org_id.eq(org_id))
        .order(workstation::number)
        .select(WorkstationRow::as_select())
        .load(s.conn())
        .await?;
    rows.into_iter().map(Workstation::try_from).collect()
}

/// Sets the reader.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn workstation_reader_set(s: &mut Scoped, workstation_id: Uuid, reader: &ReaderSettings) -> Result<()> {
    let org_id = s.org();
    let changed = diesel::update(
        workstation::table.filter(workstation::org_id.eq(org_id).and(workstation::workstation_id.eq(workstation_id))),
    )
    .set((
        workstation::reader_driver_id.eq(&reader.driver_id),
        workstation::reader_port.eq(&reader.port),
        workstation::reader_baud.eq(rows::signed_or_none("workstation.reader_baud", reader.baud)?),
        workstation::settings_revision.eq(workstation::settings_revision + 1),
    ))
    .execute(s.conn())
    .await?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}
