//! Which drivers read an organisation's cards: the very versions and files that its meter types use. What was sent in and
//! not chosen reads nothing, and proves nothing.

use dianka_domain::card::CardImage;
use dianka_plugin_host::Registry;
use dianka_plugin_host::meter::{Carrier, MeterDriver};
use dianka_plugin_host::package::Version;
use dianka_store::{self as store, ActivationState, DriverActivation, DriverKind, MeterType, StoreError};
use uuid::Uuid;

use super::look::{self, Finding, Look};
use crate::drivers::in_use;
use crate::state::App;

/// The drivers that read an organisation's cards.
#[derive(Debug)]
pub struct Readers {
    system_code: u32,
    /// Those that meter types use, then what they used before: cards that those wrote are in the field.
    ours: Vec<MeterDriver>,
}

/// Reads which drivers the organisation uses.
///
/// # Errors
/// Those of the store.
pub async fn of_org(app: &App, org: Uuid) -> Result<Readers, StoreError> {
    let read = app.store.tx(org, "card_readers", async |s| {
        let system_code = store::org_get(s).await?.system_code;
        Ok((system_code, store::meter_type_list(s).await?, store::driver_activation_list(s).await?))
    });
    let (system_code, types, activations) = read.await?;
    Ok(Readers { system_code, ours: ours(&app.registry, &types, &activations) })
}

/// Why some of the organisation's cards cannot be read now, if the driver that a meter type uses is not there, is not the
/// file that was approved, or is stopped: then a card that nothing reads may be a good one.
///
/// # Errors
/// Those of the store.
pub async fn stopped(app: &App, org: Uuid) -> Result<Option<Finding>, StoreError> {
    let read = app.store.tx(org, "card_readers_stopped", async |s| {
        let mut types = Vec::new();
        for it in store::meter_type_list(s).await? {
            if it.carrier == store::Carrier::Card && !it.retired {
                let approved = store::driver_approved(s, &it.driver_id, &it.driver_version).await?;
                types.push((it, approved));
            }
        }
        Ok(types)
    });
    let types = read.await?;
    let problem = types.iter().find_map(|(it, approved)| in_use::of_type(app, it, *approved).err());
    Ok(problem.map(|problem| Finding { code: problem.code(), params: problem.figures().clone(), blocking: true }))
}

/// A file that cards of a driver's id may be read with: its version, and its hash where one is on record.
type File = (Version, Option<[u8; 32]>);

fn ours(registry: &Registry, types: &[MeterType], activations: &[DriverActivation]) -> Vec<MeterDriver> {
    let mut found: Vec<MeterDriver> = Vec::new();
    let mut ids: Vec<&str> = types.iter().map(|it| it.driver_id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let before: Vec<(&str, File)> = ids.iter().flat_map(|id| approved(id, activations)).collect();
    let now = types.iter().filter_map(|it| {
        let version: Version = it.driver_version.parse().ok()?;
        let known = before.iter().find(|(id, (known, _))| *id == it.driver_id && *known == version);
        Some((it.driver_id.as_str(), (version, known.and_then(|(_, (_, sha256))| *sha256))))
    });
    let now: Vec<(&str, File)> = now.collect();
    for (id, (version, sha256)) in now.into_iter().chain(before) {
        let Some(driver) = registry.meter_version(id, version) else { continue };
        let digest = driver.about().digest;
        let is_it = sha256.is_none_or(|sha256| sha256 == *digest.as_bytes());
        if is_it && driver.carrier() == Carrier::Card && found.iter().all(|other| other.about().digest != digest) {
            found.push(driver);
        }
    }
    found
}

/// The versions of a driver that somebody chose, the newest first, each with the file that was last chosen.
fn approved<'a>(id: &'a str, activations: &[DriverActivation]) -> Vec<(&'a str, File)> {
    let mut files: Vec<(&str, File)> = Vec::new();
    // The newest change of each comes first.
    for row in activations.iter().filter(|row| row.driver_id == id && row.kind == DriverKind::Meter) {
        let Ok(version) = row.driver_version.parse::<Version>() else { continue };
        if row.state == ActivationState::Active && files.iter().all(|(_, (known, _))| *known != version) {
            files.push((id, (version, Some(row.driver_sha256))));
        }
    }
    files.sort_by(|(_, (one, _)), (_, (other, _))| other.cmp(one));
    files
}

impl Readers {
    /// What is on a card. Other drivers are asked last, and for one thing only: whether the card is of another system.
    #[must_use]
    pub fn look(&self, registry: &Registry, image: &CardImage) -> Look {
        let seen = look::with_these(&self.ours, image);
        if !matches!(seen, Look::Unreadable(_) | Look::Torn) {
            return seen;
        }
        let others: Vec<MeterDriver> = registry.meters().into_iter().filter(|driver| !self.has(driver)).collect();
        match look::with_these(&others, image) {
            Look::Content(content) if content.system_code != self.system_code => Look::Content(content),
            // Nobody here uses cards yet: a blank one is one all the same.
            Look::Blank if self.ours.is_empty() => Look::Blank,
            _ => seen,
        }
    }

    fn has(&self, driver: &MeterDriver) -> bool {
        self.ours.iter().any(|ours| ours.about().id == driver.about().id)
    }
}
