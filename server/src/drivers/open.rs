//! The registry by the settings.

use super::trust;
use crate::config::Config;
use crate::keys::Keys;
use dianka_plugin_host::package::Policy;
use dianka_plugin_host::{DriversDir, Registry, RegistryError, RegistryOptions, WallLimits};
use std::path::{Path, PathBuf};

/// Why there is no registry.
#[derive(Debug, thiserror::Error)]
pub enum DriversError {
    /// The keys of vendors.
    #[error("keys of vendors (plugins.trust_file, driver-keys.toml): {0}")]
    Trust(#[from] trust::KeysError),
    /// The folder of shipped drivers is not there.
    #[error("plugins.shipped_dir (--drivers): {} is not a folder", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
    },
    /// The engine or its folder.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// Opens the registry. Blocks while drivers that are new to this machine are compiled. `learning`: no money is taken, so
/// a driver may be tried before it is signed.
///
/// # Errors
/// When the trust file does not parse or the folder of compiled drivers cannot be used. A bad driver is no error.
pub fn open(config: &Config, keys: &Keys, learning: bool) -> Result<Registry, DriversError> {
    let plugins = &config.plugins;
    if let Some(path) = plugins.shipped_dir.as_ref().filter(|path| !path.is_dir()) {
        return Err(DriversError::Folder { path: path.clone() });
    }
    // There to be found: a driver is put into it by hand.
    if let Err(cause) = std::fs::create_dir_all(config.drivers_dir()) {
        tracing::warn!(path = %config.drivers_dir().display(), %cause, "no folder for drivers of others");
    }
    let trust = trust::all(config)?;
    let plugc = plugins.plugc.clone().unwrap_or_else(beside_us);
    Ok(Registry::open(RegistryOptions {
        drivers_dirs: vec![
            DriversDir { path: plugins.shipped_dir.clone().unwrap_or_else(shipped), built_in: true },
            DriversDir { path: config.drivers_dir(), built_in: false },
        ],
        cache_dir: config.data.dir.join("compiled-drivers"),
        cache_secret: Some(keys.derive("compiled-drivers").to_vec()),
        kit_path: Some(plugins.kit.clone().unwrap_or_else(|| plugc.with_file_name("dianka-kit"))),
        plugc_path: plugc,
        policy: Policy { allow_unsigned: plugins.allow_unsigned || learning, trust },
        wall: WallLimits::default(),
    })?)
}

/// The folder of the server's own file.
fn here() -> PathBuf {
    let exe = std::env::current_exe().unwrap_or_default();
    exe.parent().map(Path::to_owned).unwrap_or_default()
}

fn beside_us() -> PathBuf {
    here().join("dianka-plugc")
}

/// Beside the server, above it (as a build lays them out), or where a package puts them.
fn shipped() -> PathBuf {
    let near = [here().join("drivers"), here().join("../drivers")].into_iter().find(|dir| dir.is_dir());
    near.unwrap_or_else(|| PathBuf::from("/usr/lib/dianka/drivers"))
}
