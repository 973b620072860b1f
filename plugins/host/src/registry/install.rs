//! Drivers and keys that come through the program's own door, while it runs.

use std::fs::{self, OpenOptions};
use std::io::Write;
#[cfg(unix)]
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use dianka_plugin_package::{Digest, MAX_DRIVER_BYTES, Notice, TrustTable};

use super::Registry;
use super::gate::Examined;
use super::info::{DriverInfo, Standing};

/// Makes the names of uploads differ.
static UPLOADS: AtomicU64 = AtomicU64::new(0);

/// A file that is not yet a driver. Removed with this value, unless it became one.
struct Upload(PathBuf);

impl Drop for Upload {
    fn drop(&mut self) {
        // Moved into service, as a rule.
        let _ = fs::remove_file(&self.0);
    }
}

impl Registry {
    /// Takes a driver file in: size, hash, signature, policy, contract, compiling, description, its own vectors and the
    /// conformance suite are checked first, and only a file that passes is put into the folder, as `<id>-<version>.wasm`.
    /// The same file a second time is no error. Blocks for some seconds while it is compiled and tried. Nothing uses a new version before somebody chooses it.
    ///
    /// # Errors
    /// Why it was not taken: the gate's reasons, `version-taken` when this id and version is there with other content,
    /// `no-folder` and `file-unwritable`.
    pub fn install(&self, bytes: &[u8]) -> Result<DriverInfo, Notice> {
        if u64::try_from(bytes.len()).map_or(true, |len| len > MAX_DRIVER_BYTES) {
            let zh = format!("文件超过 {MAX_DRIVER_BYTES} 字节的上限");
            return Err(Notice::new("too-large", zh, format!("the file is larger than {MAX_DRIVER_BYTES} bytes")));
        }
        let digest = Digest::of(bytes);
        if let Some(known) = self.by_digest(digest) {
            return Ok(known);
        }
        let folder = self.0.uploads.as_deref().ok_or_else(|| {
            Notice::new("no-folder", "服务器没有设置驱动目录", "this server has no folder for drivers")
        })?;
        let upload = draft(folder, bytes).map_err(|error| unwritable(folder, &error))?;
        let Examined { standing, .. } = self.0.gate.examine(&upload.0, false, |about| self.health(about));
        let about = match &standing {
            Standing::Active(driver) => driver.about().clone(),
            Standing::Refused(rejected) => return Err(rejected.reason.clone()),
            Standing::Retired(_) => return Err(Notice::new("file-gone", "驱动文件已不存在", "the file is gone")),
        };
        let path = folder.join(format!("{}-{}.wasm", about.id, about.version));
        if let Some(other) = self.list().into_iter().find(|info| info.path == path || info.is(&about)) {
            let (id, version) = (&about.id, about.version);
            let zh = format!("驱动 {id} {version} 已存在，内容不同；新的内容要用新的版本号");
            let en = format!(
                "{id} {version} is there with other content ({}); new content needs a new version",
                other.path.display()
            );
            return Err(Notice::new("version-taken", zh, en));
        }
        fs::rename(&upload.0, &path).map_err(|error| unwritable(&path, &error))?;
        self.rescan_in_turn();
        self.by_digest(digest).ok_or_else(|| {
            Notice::new("file-gone", "驱动文件已不存在", format!("{} went while it was taken in", path.display()))
        })
    }

    /// The keys that are trusted from now on. Files that were refused are looked at again; a driver whose key is revoked
    /// or gone is taken out of service.
    pub fn set_trust(&self, table: TrustTable) {
        let lost = |name: &str| !table.trusts(name);
        self.read(|entries| {
            for entry in entries {
                let Some(key) = entry.signed_by().filter(|key| lost(key)) else { continue };
                let Some(driver) = entry.driver() else { continue };
                let zh = format!("签名密钥“{key}”已被吊销或删除");
                self.health(driver.about()).stop(Notice::new(
                    "key-revoked",
                    zh,
                    format!("the key {key:?} is revoked or gone"),
                ));
            }
        });
        self.0.gate.trust(table);
        let mut scanner = self.scanner();
        self.read(|entries| entries.iter().filter(|e| e.driver().is_none()).for_each(|e| scanner.forget(&e.path)));
        self.look(scanner, false);
    }

    /// The driver with this content that is offered for new uses.
    fn by_digest(&self, digest: Digest) -> Option<DriverInfo> {
        self.read(|table| {
            table.iter().find(|e| e.active().is_some() && e.digest() == Some(digest)).map(super::Entry::info)
        })
    }
}

fn draft(folder: &Path, bytes: &[u8]) -> std::io::Result<Upload> {
    fs::create_dir_all(folder)?;
    let name = format!(".upload-{}-{}", std::process::id(), UPLOADS.fetch_add(1, Ordering::Relaxed));
    let upload = Upload(folder.join(name));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    options.mode(0o644);
    let mut file = options.open(&upload.0)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(upload)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Notice {
    Notice::new("file-unwritable", "驱动目录无法写入", format!("{} cannot be written: {error}", path.display()))
}
