//! Sales points 售电点.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::rows::SiteRow;
use crate::schema::{site, workstation};
use crate::scope::Scoped;

/// A sales point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its id.
    pub site_id: Uuid,
    /// Short code, unique in the organisation.
    pub code: String,
    /// Name.
    pub name: String,
    /// It is no longer used.
    pub retired: bool,
}

/// Adds a site.
///
/// # Errors
/// [`StoreError::Conflict`](crate::StoreError::Conflict) `site_code_key` or `site_pkey`.
pub async fn site_create(s: &mut Scoped, new: &Site) -> Result<()> {
    let org_id = s.org();
    diesel::insert_into(site::table)
        .values((
            site::org_id.eq(org_id),
            site::site_id.eq(new.site_id),
            site::code.eq(&new.code),
            site::name.eq(&new.name),
        ))
        .execute(s.conn())
        .await?;
    Ok(())
}

/// One site.
///
/// # Errors
/// [`StoreError::NotFound`](crate::StoreError::NotFound).
pub async fn site_get(s: &mut Scoped, site_id: Uuid) -> Result<Site> {
    let org_id = s.org();
    let row: SiteRow = site::table
        .filter(site::org_id.eq(org_id).and(site::site_id.eq(site_id)))
        .select(SiteRow::as_select())
        .first(s.conn())
        .await?;
    Ok(row.into())
}

/// All sites, by code.
///
/// # Errors
/// Those of every call.
pub async fn site_list(s: &mut Scoped) -> Result<Vec<Site>> {
    let org_id = s.org();
    let rows: Vec<SiteRow> = site::table
        .filter(site::org_id.eq(org_id))
        .order(site::code)
        .select(SiteRow::as_select())
        .load(s.conn())
        .await?;
    Ok(rows.into_iter().map(Site::from).collect())
}

/// Renames a site.
///
/// # Errors
/// [`StoreError::NotFound`]: unknown or retired.
pub async fn site_rename(s: &mut Scoped, site_id: Uuid, name: &str) -> Result<()> {
    let org_id = s.org();
    let this = site::org_id.eq(org_id).and(site::site_id.eq(site_id)).and(site::retired_at.is_null());
    let changed = diesel::update(site::table.filter(this)).set(site::name.eq(name)).execute(s.conn()).await?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// Retires a site. The number of workstations in use there when it cannot be.
///
/// # Errors
/// [`StoreError::NotFound`]: unknown, or retired before.
pub async fn site_retire(s: &mut Scoped, site_id: Uuid, at: DateTime<Utc>) -> Result<std::result::Result<(), u32>> {
    let org_id = s.org();
    let this = site::org_id.eq(org_id).and(site::site_id.eq(site_id)).and(site::retired_at.is_null());
    let _locked: Uuid = site::table.filter(this).select(site::site_id).for_update().first(s.conn()).await?;
    let there =
        workstation::org_id.eq(org_id).and(workstation::site_id.eq(site_id)).and(workstation::retired_at.is_null());
    let count: i64 = workstation::table.filter(there).count().get_result(s.conn()).await?;
    if count > 0 {
        return Ok(Err(u32::try_from(count).unwrap_or(u32::MAX)));
    }
    diesel::update(site::table.filter(this)).set(site::retired_at.eq(at)).execute(s.conn()).await?;
    Ok(Ok(()))
}
