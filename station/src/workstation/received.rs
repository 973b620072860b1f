//! Reader drivers that the server sent: fetched by hash, kept in the station's own folder, gone when the server no longer
//! offers them.

use std::collections::VecDeque;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use dianka_plugin_host::package::{Digest, MAX_DRIVER_BYTES};
use dianka_plugin_host::{DriverInfo, DriverState, Registry};
use tokio::sync::mpsc::UnboundedSender;

use crate::proto::{DriverOffer, DriverPart, FromStation, Hex, SignedOffers, Welcome};

/// Where a station keeps the drivers that its server sent. A folder that the server vouches for: what lies there came
/// under its signature, and its hash was checked.
#[must_use]
pub fn received_dir(data_dir: &Path) -> PathBuf {
    data_dir.join("drivers")
}

/// The drivers that come in. One at a time is on its way.
pub(super) struct Received {
    dir: PathBuf,
    drivers: Registry,
    out: UnboundedSender<FromStation>,
    server_key: Option<Hex>,
    wanted: VecDeque<DriverOffer>,
    /// What came so far of the first one of `wanted`.
    bytes: Vec<u8>,
}

impl Received {
    pub(super) fn new(data_dir: &Path, drivers: Registry, out: UnboundedSender<FromStation>) -> Self {
        Self { dir: received_dir(data_dir), drivers, out, server_key: None, wanted: VecDeque::new(), bytes: Vec::new() }
    }

    /// A new connection: what was under way on the former one is asked for again, if it is offered again.
    pub(super) fn greeted(&mut self, welcome: &Welcome) {
        self.server_key = Some(welcome.server_ticket_key.clone());
        self.wanted.clear();
        self.bytes.clear();
    }

    pub(super) fn offered(&mut self, offers: &SignedOffers) {
        let Some(key) = &self.server_key else {
            tracing::warn!("drivers were offered before the greeting");
            return;
        };
        let drivers = match offers.verify(key) {
            Ok(offers) => offers.drivers,
            Err(error) => {
                tracing::error!(%error, "offered drivers are not believed");
                return;
            }
        };
        self.drop_others(&drivers);
        let is_here = |info: &DriverInfo| matches!(info.state, DriverState::Active | DriverState::Quarantined);
        let here: Vec<_> = self.drivers.list().into_iter().filter(is_here).collect();
        let lacks = |offer: &DriverOffer| !here.iter().any(|info| info.sha256 == Some(offer.sha256));
        self.wanted = drivers.into_iter().filter(|offer| acceptable(offer) && lacks(offer)).collect();
        self.ask();
    }

    pub(super) fn part(&mut self, part: &DriverPart) {
        let Some(offer) = self.wanted.front().filter(|offer| offer.sha256 == part.sha256) else { return };
        let room = usize::try_from(offer.bytes).unwrap_or(0).saturating_sub(self.bytes.len());
        if u32::try_from(self.bytes.len()) != Ok(part.offset) || part.bytes.0.is_empty() || part.bytes.0.len() > room {
            tracing::error!(driver = %offer.id, offset = part.offset, "a part of a driver does not fit; it is given up");
            return self.next();
        }
        self.bytes.extend_from_slice(&part.bytes.0);
        if room > part.bytes.0.len() {
            return;
        }
        let found = Digest::of(&self.bytes);
        if found != offer.sha256 {
            tracing::error!(driver = %offer.id, wanted = %offer.sha256, %found, "a driver came altered; it is not used");
        } else if let Err(error) = self.keep(offer) {
            tracing::error!(driver = %offer.id, dir = %self.dir.display(), %error, "a driver cannot be kept");
        } else {
            tracing::info!(driver = %offer.id, version = %offer.version, sha256 = %found, "driver came from the server");
            self.look_again();
        }
        self.next();
    }

    fn ask(&mut self) {
        self.bytes.clear();
        if let Some(offer) = self.wanted.front() {
            // A server that is gone offers again when it is back.
            let _ = self.out.send(FromStation::WantDriver { sha256: offer.sha256 });
        }
    }

    fn next(&mut self) {
        self.wanted.pop_front();
        self.ask();
    }

    /// Whole or not at all.
    fn keep(&self, offer: &DriverOffer) -> std::io::Result<()> {
        fs::create_dir_all(&self.dir)?;
        let draft = self.dir.join("incoming");
        let mut file = fs::File::create(&draft)?;
        file.write_all(&self.bytes)?;
        file.sync_all()?;
        fs::rename(&draft, self.dir.join(file_name(&offer.sha256)))
    }

    /// Files that the server no longer offers.
    fn drop_others(&self, offers: &[DriverOffer]) {
        let Ok(entries) = fs::read_dir(&self.dir) else { return };
        let kept: Vec<String> = offers.iter().map(|offer| file_name(&offer.sha256)).collect();
        let mut dropped = false;
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !kept.contains(&name) && fs::remove_file(entry.path()).is_ok() {
                tracing::info!(file = name, "a driver that the server no longer offers is dropped");
                dropped = true;
            }
        }
        if dropped {
            self.look_again();
        }
    }

    /// Compiling takes a while, and the line must not wait for it.
    fn look_again(&self) {
        let drivers = self.drivers.clone();
        let looking = std::thread::Builder::new().name("drivers".into()).spawn(move || {
            drivers.rescan();
        });
        if let Err(error) = looking {
            tracing::error!(%error, "new drivers are looked at when the reader is next looked for");
        }
    }
}

/// Whether an offer can be a driver at all: the server is believed, and still not trusted with this machine's memory.
fn acceptable(offer: &DriverOffer) -> bool {
    offer.bytes > 0 && u64::from(offer.bytes) <= MAX_DRIVER_BYTES
}

fn file_name(sha256: &Digest) -> String {
    format!("{sha256}.wasm")
}
