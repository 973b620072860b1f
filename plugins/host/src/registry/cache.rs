//! Compiled drivers, kept between starts.
//!
//! What lies here is native code that this program runs as itself. So nobody else may enter the folder, and every file
//! is sealed with a keyed hash over its name and content: code from outside, an exchanged or a damaged file is never
//! loaded, only compiled anew.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io::{self, Read, Write};
#[cfg(unix)]
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use dianka_plugin_package::{Contract, Digest};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use wasmtime::ModuleVersionStrategy;

use super::options::RegistryError;
use crate::engine_config::SETTINGS;

const SECRET_FILE: &str = "cache.key";
const SECRET_BYTES: u64 = 32;
const DRAFT: &str = "staged";

pub(super) struct Cache {
    dir: PathBuf,
    secret: Vec<u8>,
    /// Everything that the native code depends on besides the driver, hashed into eight bytes.
    key: String,
}

/// Makes the names of drafts differ within this program, which may have several registries over one folder.
static DRAFTS: AtomicU64 = AtomicU64::new(0);

/// Drafts of a program that died are this old at least.
const STALE: Duration = Duration::from_secs(60 * 60);

/// A compiled driver whose seal was found good.
pub(super) struct Compiled {
    pub(super) native: Vec<u8>,
    pub(super) contract: Contract,
}

/// What the cache has for a driver.
pub(super) enum Found {
    Good(Compiled),
    Nothing,
    /// It was altered, or sealed with another secret.
    Altered,
}

/// Written beside the native code.
#[derive(Serialize, Deserialize)]
struct Seal {
    contract: Contract,
    mac: String,
}

impl Cache {
    /// Opens the folder, or makes it.
    pub(super) fn open(dir: &Path, secret: Option<&[u8]>) -> Result<Self, RegistryError> {
        let failed = |why: String| RegistryError::Cache { path: dir.to_path_buf(), why };
        make_private(dir).map_err(|error| failed(error.to_string()))?;
        let dir = dir.canonicalize().map_err(|error| failed(error.to_string()))?;
        let secret = match secret {
            Some(secret) => secret.to_vec(),
            None => own_secret(&dir).map_err(|error| failed(error.to_string()))?,
        };
        remove_stale_drafts(&dir);
        Ok(Self { dir, secret, key: config_key() })
    }

    /// The folder, which is this program's alone.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Looks a driver up.
    pub(super) fn find(&self, digest: &Digest) -> Found {
        let (native, seal) = (fs::read(self.path(digest, "cwasm")), fs::read(self.path(digest, "seal")));
        let (Ok(native), Ok(seal)) = (native, seal) else { return Found::Nothing };
        let Ok(seal) = serde_json::from_slice::<Seal>(&seal) else { return Found::Altered };
        let Ok(mac) = hex::decode(&seal.mac) else { return Found::Altered };
        match self.mac(digest, &seal.contract, &native).map(|computed| computed.verify_slice(&mac)) {
            Some(Ok(())) => Found::Good(Compiled { native, contract: seal.contract }),
            _ => Found::Altered,
        }
    }

    /// Keeps the native code that the compiler wrote to `staged`, which moves.
    pub(super) fn keep(&self, digest: &Digest, contract: &Contract, staged: &Staged) -> io::Result<Compiled> {
        let native = fs::read(&staged.native)?;
        let mac = self.mac(digest, contract, &native).ok_or_else(|| io::Error::other("the secret is unusable"))?;
        let seal = Seal { contract: contract.clone(), mac: hex::encode(mac.finalize().into_bytes()) };
        let json = serde_json::to_vec(&seal)?;
        let draft = staged.native.with_extension("seal");
        fs::write(&draft, json)?;
        // Without its seal, native code counts as absent.
        fs::rename(&staged.native, self.path(digest, "cwasm"))?;
        fs::rename(&draft, self.path(digest, "seal"))?;
        Ok(Compiled { native, contract: contract.clone() })
    }

    /// Forgets a driver's compilation.
    pub(super) fn forget(&self, digest: &Digest) {
        for ending in ["seal", "cwasm"] {
            // A file that is not there is forgotten already; any other trouble shows when it is written again.
            let _ = fs::remove_file(self.path(digest, ending));
        }
    }

    /// Puts the bytes that were hashed and verified where only the compiler reads them, whatever happens meanwhile to
    /// the file that they came from.
    pub(super) fn stage(&self, component: &[u8]) -> io::Result<Staged> {
        let name = draft_name();
        let staged =
            Staged { component: self.dir.join(format!("{name}.wasm")), native: self.dir.join(format!("{name}.cwasm")) };
        staged.remove();
        private_file(&staged.component)?.write_all(component)?;
        Ok(staged)
    }

    fn path(&self, digest: &Digest, ending: &str) -> PathBuf {
        self.dir.join(format!("{digest}-{}.{ending}", self.key))
    }

    /// None if the secret cannot be a key, which no secret of ours is.
    fn mac(&self, digest: &Digest, contract: &Contract, native: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).ok()?;
        mac.update(b"dianka compiled driver\0");
        mac.update(digest.as_bytes());
        for part in [self.key.as_bytes(), contract.kind.name().as_bytes(), contract.name.as_bytes()] {
            mac.update(part);
            mac.update(b"\0");
        }
        mac.update(native);
        Some(mac)
    }
}

/// Files that go away with this value.
pub(super) struct Staged {
    pub(super) component: PathBuf,
    pub(super) native: PathBuf,
}

impl Staged {
    fn remove(&self) {
        for path in [&self.component, &self.native] {
            // Moved or never written, as a rule.
            let _ = fs::remove_file(path);
        }
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        self.remove();
    }
}

fn make_private(dir: &Path) -> io::Result<()> {
    if let Some(parent) = dir.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    builder.mode(0o700);
    // Elsewhere it inherits the rights of the folder that it lies in.
    #[cfg(not(unix))]
    builder.recursive(false);
    match builder.create(dir) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    let metadata = fs::symlink_metadata(dir)?;
    if !metadata.is_dir() {
        return Err(io::Error::other("it is not a folder"));
    }
    #[cfg(unix)]
    if metadata.uid() != nix::unistd::geteuid().as_raw() {
        return Err(io::Error::other("it is not a folder of this program's user"));
    }
    #[cfg(unix)]
    if metadata.mode() & 0o077 != 0 {
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

pub(super) fn draft_name() -> String {
    format!("{DRAFT}-{}-{}", std::process::id(), DRAFTS.fetch_add(1, Ordering::Relaxed))
}

/// What cannot be removed here does no harm.
fn remove_stale_drafts(dir: &Path) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let draft = entry.file_name().to_string_lossy().starts_with(DRAFT);
        let changed = entry.metadata().and_then(|metadata| metadata.modified());
        if draft && changed.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > STALE)) {
            let _ = fs::remove_file(entry.path()).or_else(|_| fs::remove_dir_all(entry.path()));
        }
    }
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    options.open(path)
}

/// The secret in the folder, or a new one. Two programs that start at once end with the same one.
fn own_secret(dir: &Path) -> io::Result<Vec<u8>> {
    let path = dir.join(SECRET_FILE);
    if !path.exists() {
        let mut secret = Vec::new();
        File::open("/dev/urandom")?.take(SECRET_BYTES).read_to_end(&mut secret)?;
        let draft = dir.join(draft_name());
        private_file(&draft)?.write_all(&secret)?;
        let linked = fs::hard_link(&draft, &path);
        fs::remove_file(&draft)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    let secret = fs::read(&path)?;
    if u64::try_from(secret.len()) == Ok(SECRET_BYTES) {
        return Ok(secret);
    }
    Err(io::Error::other(format!("{} is damaged; remove it", path.display())))
}

/// The settings, the exact version of the engine (its patch releases are security fixes of the compiler, so what they
/// compiled is compiled anew) and the machine.
fn config_key() -> String {
    struct Bytes(Vec<u8>);
    impl Hasher for Bytes {
        fn write(&mut self, bytes: &[u8]) {
            self.0.extend_from_slice(bytes);
        }
        fn finish(&self) -> u64 {
            0
        }
    }
    let mut bytes = Bytes(SETTINGS.as_bytes().to_vec());
    ModuleVersionStrategy::WasmtimeVersion.hash(&mut bytes);
    bytes.write(std::env::consts::ARCH.as_bytes());
    bytes.write(std::env::consts::OS.as_bytes());
    Digest::of(&bytes.0).to_string().chars().take(16).collect()
}
