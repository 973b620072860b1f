//! Reader drivers for the stations: offered under the server's signature, sent by hash.

use dianka_plugin_host::package::{Digest, Kind};
use dianka_plugin_host::{DriverInfo, DriverState};
use dianka_station::proto::{DriverOffer, DriverOffers, DriverPart, Hex, PART_BYTES, SignedOffers, ToStation};
use tokio::sync::mpsc;

use crate::drivers::reader_versions;
use crate::state::{App, AppState};

/// What the stations may have: of each reader driver the newest version in service, so that it lies ready before somebody
/// chooses it, and the versions that somebody uses. `None` when it cannot be read or signed, which is logged.
pub async fn offers(app: &AppState) -> Option<SignedOffers> {
    let used = match reader_versions::used(app).await {
        Ok(used) => used,
        Err(error) => {
            tracing::warn!(%error, "drivers are offered to the stations at the next occasion");
            return None;
        }
    };
    let list: Vec<_> = app.registry.list().into_iter().filter(in_service).collect();
    let newest = |info: &DriverInfo| !list.iter().any(|other| other.id == info.id && other.version > info.version);
    let is_used =
        |info: &DriverInfo| info.version.is_some_and(|version| used.contains(&(info.id.clone(), version.to_string())));
    let offer = |info: &DriverInfo| {
        let bytes = std::fs::metadata(&info.path).ok()?.len();
        let (version, sha256) = (info.version?.to_string(), info.sha256?);
        Some(DriverOffer { id: info.id.clone(), version, sha256, bytes: u32::try_from(bytes).ok()? })
    };
    let offers =
        DriverOffers::new(list.iter().filter(|info| newest(info) || is_used(info)).filter_map(offer).collect());
    match offers.sign(app.keys.ticket()) {
        Ok(signed) => Some(signed),
        Err(error) => {
            tracing::error!(%error, "drivers cannot be offered to the stations");
            None
        }
    }
}

fn in_service(info: &DriverInfo) -> bool {
    info.kind == Some(Kind::Reader) && info.state == DriverState::Active
}

/// Sends a driver's file, part by part. A file that is gone or changed is not sent: the next offer tells of it.
pub async fn send(app: App, sha256: Digest, to: mpsc::UnboundedSender<ToStation>) {
    let read = move || {
        let info = app.registry.list().into_iter().find(|info| in_service(info) && info.sha256 == Some(sha256))?;
        std::fs::read(info.path).ok().filter(|bytes| Digest::of(bytes) == sha256)
    };
    let Ok(Some(bytes)) = tokio::task::spawn_blocking(read).await else {
        tracing::warn!(%sha256, "a station asks for a driver that is not in service");
        return;
    };
    let mut offset = 0_u32;
    for part in bytes.chunks(PART_BYTES) {
        let message = ToStation::DriverPart(DriverPart { sha256, offset, bytes: Hex(part.to_vec()) });
        if to.send(message).is_err() {
            return;
        }
        offset = offset.saturating_add(u32::try_from(part.len()).unwrap_or(u32::MAX));
    }
}
