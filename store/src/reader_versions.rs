//! Which version of a reader's driver a workstation uses: the organisation's, or one of its own.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::drivers::{ActivationState, DriverKind};
use crate::error::Result;
use crate::schema::{driver_activation, workstation_driver};
use crate::scope::Scoped;

/// Versions of reader drivers, as they were chosen. Versions are text, as in the books.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReaderVersions {
    /// The organisation's, by driver id.
    pub everywhere: BTreeMap<String, String>,
    /// Those of single workstations, by workstation and driver id; they go first.
    pub own: BTreeMap<(Uuid, String), String>,
}

impl ReaderVersions {
    /// The version that a workstation uses of a driver; `None`: nobody chose one.
    #[must_use]
    pub fn of(&self, workstation_id: Uuid, driver_id: &str) -> Option<&str> {
        let own = self.own.get(&(workstation_id, driver_id.to_owned()));
        own.or_else(|| self.everywhere.get(driver_id)).map(String::as_str)
    }

    /// All that a workstation uses, by driver id.
    #[must_use]
    pub fn of_workstation(&self, workstation_id: Uuid) -> BTreeMap<String, String> {
        let mut all = self.everywhere.clone();
        let own = self.own.iter().filter(|((workstation, _), _)| *workstation == workstation_id);
        all.extend(own.map(|((_, driver), version)| (driver.clone(), version.clone())));
        all
    }
}

/// The versions of all reader drivers that were chosen in the organisation.
///
/// # Errors
/// Those of every call.
pub async fn reader_version_list(s: &mut Scoped) -> Result<ReaderVersions> {
    let org_id = s.org();
    // The last word on a driver comes last.
    let everywhere: Vec<(String, String)> = driver_activation::table
        .filter(
            driver_activation::org_id
                .eq(org_id)
                .and(driver_activation::kind.eq(DriverKind::Reader.as_str()))
                .and(driver_activation::state.eq(ActivationState::Active.as_str())),
        )
        .order(driver_activation::changed_at)
        .select((driver_activation::driver_id, driver_activation::driver_version))
        .load(s.conn())
        .await?;
    let own: Vec<(Uuid, String, String)> = workstation_driver::table
        .filter(workstation_driver::org_id.eq(org_id))
        .select((workstation_driver::workstation_id, workstation_driver::driver_id, workstation_driver::driver_version))
        .load(s.conn())
        .await?;
    Ok(ReaderVersions {
        everywhere: everywhere.into_iter().collect(),
        own: own.into_iter().map(|(workstation, driver, version)| ((workstation, driver), version)).collect(),
    })
}

/// Has one workstation use a version of its own.
///
/// # Errors
/// [`StoreError::Reference`](crate::StoreError::Reference) for an unknown workstation.
pub async fn reader_version_set(
    s: &mut Scoped,
    workstation_id: Uuid,
    driver_id: &str,
    driver_version: &str,
) -> Result<()> {
    let org_id = s.org();
    diesel::insert_into(workstation_driver::table)
        .values((
            workstation_driver::org_id.eq(org_id),
            workstation_driver::workstation_id.eq(workstation_id),
            workstation_driver::driver_id.eq(driver_id),
            workstation_driver::driver_version.eq(driver_version),
        ))
        .on_conflict((workstation_driver::org_id, workstation_driver::workstation_id, workstation_driver::driver_id))
        .do_update()
        .set(workstation_driver::driver_version.eq(driver_version))
        .execute(s.conn())
        .await?;
    Ok(())
}

/// Has all workstations use the organisation's version of a driver again.
///
/// # Errors
/// Those of every call.
pub async fn reader_version_own_end(s: &mut Scoped, driver_id: &str) -> Result<()> {
    let org_id = s.org();
    diesel::delete(
        workstation_driver::table
            .filter(workstation_driver::org_id.eq(org_id).and(workstation_driver::driver_id.eq(driver_id))),
    )
    .execute(s.conn())
    .await?;
    Ok(())
}
