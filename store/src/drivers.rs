//! Which driver packages an organisation has put into service.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::Result;
use crate::rows::DriverActivationRow;
use crate::schema::driver_activation;
use crate::scope::Scoped;
use crate::text_enum::text_enum;

text_enum! {
    /// What a driver speaks to.
    DriverKind {
        /// A meter standard.
        Meter = "meter",
        /// A card reader.
        Reader = "reader",
    }
}

text_enum! {
    /// Whether a driver package is in service.
    ActivationState {
        /// In service.
        Active = "active",
        /// Replaced by another version.
        Retired = "retired",
        /// Stopped since it failed; `reason` says how.
        Quarantined = "quarantined",
    }
}

/// A driver package in an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriverActivation {
    /// Its id.
    pub driver_id: String,
    /// Its version.
    pub driver_version: String,
    /// SHA-256 of the package.
    pub driver_sha256: [u8; 32],
    /// Meter or reader.
    pub kind: DriverKind,
    /// In service or not.
    pub state: ActivationState,
    /// Why, when it is quarantined.
    pub reason: Option<String>,
    /// Who decided; `None`: the system.
    pub operator_id: Option<Uuid>,
    /// When.
    pub changed_at: DateTime<Utc>,
}

/// Records the state of a driver package.
///
/// # Errors
/// [`StoreError::Reference`](crate::StoreError::Reference) for an unknown operator.
pub async fn driver_activation_set(s: &mut Scoped, activation: &DriverActivation) -> Result<()> {
    let org_id = s.org();
    let changes = (
        driver_activation::state.eq(activation.state.as_str()),
        driver_activation::reason.eq(&activation.reason),
        driver_activation::operator_id.eq(activation.operator_id),
        driver_activation::changed_at.eq(activation.changed_at),
    );
    diesel::insert_into(driver_activation::table)
        .values((
            driver_activation::org_id.eq(org_id),
            driver_activation::driver_id.eq(&activation.driver_id),
            driver_activation::driver_version.eq(&activation.driver_version),
            driver_activation::driver_sha256.eq(activation.driver_sha256.as_slice()),
            driver_activation::kind.eq(activation.kind.as_str()),
            changes,
        ))
        .on_conflict((
            driver_activation::org_id,
            driver_activation::driver_id,
            driver_activation::driver_version,
            driver_activation::driver_sha256,
        ))
        .do_update()
        .set(changes)
        .execute(s.conn())
        .await?;
    Ok(())
}

/// All driver packages ever recorded, by id, the newest change first.
///
/// # Errors
/// Those of every call.
pub async fn driver_activation_list(s: &mut Scoped) -> Result<Vec<DriverActivation>> {
    let org_id = s.org();
    let rows: Vec<DriverActivationRow> = driver_activation::table
        .filter(driver_activation::org_id.eq(org_id))
        .order((driver_activation::driver_id, driver_activation::changed_at.desc()))
        .select(DriverActivationRow::as_select())
        .load(s.conn())
        .await?;
    rows.into_iter().map(DriverActivation::try_from).collect()
}

/// The hash of the package that was last approved for this id and version; none if nobody ever approved one.
///
/// # Errors
/// Those of every call.
pub async fn driver_approved(s: &mut Scoped, driver_id: &str, driver_version: &str) -> Result<Option<[u8; 32]>> {
    let org_id = s.org();
    let this = driver_activation::org_id
        .eq(org_id)
        .and(driver_activation::driver_id.eq(driver_id))
        .and(driver_activation::driver_version.eq(driver_version))
        .and(driver_activation::state.eq(ActivationState::Active.as_str()));
    let row: Option<DriverActivationRow> = driver_activation::table
        .filter(this)
        .order(driver_activation::changed_at.desc())
        .select(DriverActivationRow::as_select())
        .first(s.conn())
        .await
        .optional()?;
    row.map(|row| DriverActivation::try_from(row).map(|activation| activation.driver_sha256)).transpose()
}
