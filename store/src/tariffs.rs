//! Tariffs 电价类型 and their versions.

use std::collections::HashMap;

use dianka_domain::tariff::{Date, TariffVersion};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::rows::{TariffRow, TariffVersionRow, to_sql};
use crate::schema::{tariff, tariff_version};
use crate::scope::Scoped;

/// A tariff with all of its versions, by date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tariff {
    /// Its id.
    pub tariff_id: Uuid,
    /// Short code, unique in the organisation.
    pub code: String,
    /// Name.
    pub name: String,
    /// Versions, the earliest first.
    pub versions: Vec<TariffVersion<Uuid>>,
}

/// Adds a tariff with its versions.
///
/// # Errors
/// [`StoreError::Conflict`] `tariff_code_key`, or `tariff_version_from_key` when two versions begin on one day.
pub async fn tariff_create(s: &mut Scoped, new: &Tariff) -> Result<()> {
    let org_id = s.org();
    diesel::insert_into(tariff::table)
        .values((
            tariff::org_id.eq(org_id),
            tariff::tariff_id.eq(new.tariff_id),
            tariff::code.eq(&new.code),
            tariff::name.eq(&new.name),
        ))
        .execute(s.conn())
        .await?;
    for version in &new.versions {
        tariff_version_add(s, new.tariff_id, version).await?;
    }
    Ok(())
}

/// Adds a version; it is never changed afterwards.
///
/// # Errors
/// [`StoreError::Conflict`] `tariff_version_from_key`; [`StoreError::Reference`] for an unknown tariff.
pub async fn tariff_version_add(s: &mut Scoped, tariff_id: Uuid, version: &TariffVersion<Uuid>) -> Result<()> {
    let org_id = s.org();
    diesel::insert_into(tariff_version::table)
        .values((
            tariff_version::org_id.eq(org_id),
            tariff_version::tariff_version_id.eq(version.id),
            tariff_version::tariff_id.eq(tariff_id),
            tariff_version::price_micro.eq(version.price.micro()),
            tariff_version::valid_from.eq(to_sql(version.valid_from)?),
        ))
        .execute(s.conn())
        .await?;
    Ok(())
}

/// All tariffs, by code.
///
/// # Errors
/// Those of every call.
pub async fn tariff_list(s: &mut Scoped) -> Result<Vec<Tariff>> {
    let org_id = s.org();
    let tariffs: Vec<TariffRow> = tariff::table
        .filter(tariff::org_id.eq(org_id))
        .order(tariff::code)
        .select(TariffRow::as_select())
        .load(s.conn())
        .await?;
    let rows: Vec<TariffVersionRow> = tariff_version::table
        .filter(tariff_version::org_id.eq(org_id))
        .order(tariff_version::valid_from)
        .select(TariffVersionRow::as_select())
        .load(s.conn())
        .await?;
    let mut versions: HashMap<Uuid, Vec<TariffVersion<Uuid>>> = HashMap::new();
    for row in rows {
        versions.entry(row.tariff_id).or_default().push(row.try_into()?);
    }
    Ok(tariffs
        .into_iter()
        .map(|row| Tariff {
            versions: versions.remove(&row.tariff_id).unwrap_or_default(),
            tariff_id: row.tariff_id,
            code: row.code,
            name: row.name,
        })
        .collect())
}

/// The version of a tariff that holds on `date`: the latest that has begun.
///
/// # Errors
/// [`StoreError::NotFound`] when none has begun, or the tariff is unknown.
pub async fn tariff_version_at(s: &mut Scoped, tariff_id: Uuid, date: Date) -> Result<TariffVersion<Uuid>> {
    let org_id = s.org();
    let day = to_sql(date)?;
    tariff_version::table
        .filter(tariff_version::org_id.eq(org_id).and(tariff_version::tariff_id.eq(tariff_id)))
        .filter(tariff_version::valid_from.le(day))
        .order(tariff_version::valid_from.desc())
        .select(TariffVersionRow::as_select())
        .first(s.conn())
        .await?
        .try_into()
}

/// The versions of all tariffs that hold on `date`, by tariff: the prices for a list of accounts.
///
/// # Errors
/// Those of every call.
pub async fn tariff_versions_at(s: &mut Scoped, date: Date) -> Result<HashMap<Uuid, TariffVersion<Uuid>>> {
    let org_id = s.org();
    let day = to_sql(date)?;
    let rows: Vec<TariffVersionRow> = tariff_version::table
        .filter(tariff_version::org_id.eq(org_id).and(tariff_version::valid_from.le(day)))
        .distinct_on(tariff_version::tariff_id)
        .order((tariff_version::tariff_id, tariff_version::valid_from.desc()))
        .select(TariffVersionRow::as_select())
        .load(s.conn())
        .await?;
    rows.into_iter().map(|row| Ok::<_, StoreError>((row.tariff_id, row.try_into()?))).collect()
}
