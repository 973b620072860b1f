//! A folder of drivers, a cache, and registries over them.

use std::path::{Path, PathBuf};

use dianka_plugin_host::meter::MeterDriver;
use dianka_plugin_host::package::Policy;
use dianka_plugin_host::{DriverInfo, DriversDir, Registry, RegistryOptions, WallLimits};
use tempfile::TempDir;

use crate::guest::{Component, plugc};

pub struct Bench {
    pub drivers: TempDir,
    pub cache: TempDir,
}

impl Bench {
    pub fn new() -> Self {
        Self { drivers: tempfile::tempdir().unwrap(), cache: tempfile::tempdir().unwrap() }
    }

    pub fn options(&self) -> RegistryOptions {
        RegistryOptions {
            drivers_dirs: vec![DriversDir { path: self.drivers.path().to_path_buf(), built_in: false }],
            cache_dir: self.cache.path().join("compiled"),
            cache_secret: None,
            plugc_path: plugc(),
            policy: Policy { allow_unsigned: true, ..Policy::default() },
            kit_path: None,
            wall: WallLimits::default(),
        }
    }

    /// A registry in learning mode.
    pub fn open(&self) -> Registry {
        Registry::open(self.options()).unwrap()
    }

    pub fn install(&self, component: &Component, name: &str) -> PathBuf {
        component.install(self.drivers.path(), name)
    }

    /// A registry that has this one meter driver.
    pub fn with_meter(component: &Component, id: &str) -> (Self, Registry, MeterDriver) {
        let bench = Self::new();
        bench.install(component, "driver.wasm");
        let registry = bench.open();
        let driver = registry.meter(id).unwrap_or_else(|| panic!("not loaded: {:#?}", registry.list()));
        (bench, registry, driver)
    }

    /// Files of the cache that end so.
    pub fn cached(&self, ending: &str) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.cache.path().join("compiled")).unwrap();
        let paths = files.map(|file| file.unwrap().path());
        paths.filter(|path| path.extension().is_some_and(|end| end == ending)).collect()
    }
}

/// The one row of the list.
pub fn only(registry: &Registry) -> DriverInfo {
    let list = registry.list();
    assert_eq!(list.len(), 1, "{list:#?}");
    list[0].clone()
}

/// The row of this file.
pub fn row(registry: &Registry, path: &Path) -> DriverInfo {
    registry.list().into_iter().find(|info| info.path == path).unwrap()
}

/// The code of the reason in the row.
pub fn reason(info: &DriverInfo) -> &str {
    info.reason.as_ref().map_or("none", |notice| notice.code.as_str())
}
