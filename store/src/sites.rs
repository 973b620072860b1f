//! Sales points 售电点.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::Result;
use crate::rows::SiteRow;
use crate::schema::site;
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
