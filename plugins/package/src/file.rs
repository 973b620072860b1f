//! A driver file and what lies beside it.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::digest::Digest;
use crate::manifest::{MANIFEST_SECTION, Manifest};
use crate::notice::Notice;
use crate::section::find_section;
use crate::trust::{Signature, TrustTable, verify};

/// No driver is larger. The largest honest one that was measured has 52 KB; two MiB compile in some seconds at worst.
pub const MAX_DRIVER_BYTES: u64 = 2 * 1024 * 1024;

/// Signatures and sidecars are a few lines.
const MAX_COMPANION_BYTES: u64 = 16 * 1024;

/// A driver file, read once: everything that follows (hash, signature, check, compiling) sees these bytes, whatever
/// happens to the file meanwhile.
#[derive(Debug, Clone)]
pub struct DriverFile {
    /// The raw bytes.
    pub bytes: Vec<u8>,
    /// Their hash.
    pub digest: Digest,
    /// From inside the file, else from the sidecar, else none.
    pub manifest: Option<Manifest>,
    /// What the signature amounts to.
    pub signature: Signature,
}

impl DriverFile {
    /// Reads `path` and its companions, within the size limits.
    pub fn read(path: &Path, table: &TrustTable) -> Result<Self, Notice> {
        let bytes = read_bounded(path, MAX_DRIVER_BYTES)?.ok_or_else(|| {
            Notice::new("file-gone", "驱动文件已不存在", format!("{} is no longer there", path.display()))
        })?;
        let minisig = read_text(&signature_path(path))?;
        let inside = find_section(&bytes, MANIFEST_SECTION)
            .map_err(|error| Notice::new("not-a-component", "文件不是 WebAssembly 组件，或已损坏", error.to_string()))?
            .map(parse_manifest)
            .transpose()?;
        let signature = verify(&bytes, minisig.as_deref(), inside.as_ref(), table);
        let manifest = match inside {
            Some(manifest) => Some(manifest),
            None => {
                read_bounded(&sidecar_path(path), MAX_COMPANION_BYTES)?.as_deref().map(parse_manifest).transpose()?
            }
        };
        Ok(Self { digest: Digest::of(&bytes), bytes, manifest, signature })
    }
}

/// Where the detached signature of a driver file lies.
pub fn signature_path(driver: &Path) -> PathBuf {
    with_suffix(driver, ".minisig")
}

/// Where a manifest lies that is not inside its driver file.
pub fn sidecar_path(driver: &Path) -> PathBuf {
    with_suffix(driver, ".json")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

fn parse_manifest(json: &[u8]) -> Result<Manifest, Notice> {
    Manifest::parse(json).map_err(|error| Notice::new("manifest-invalid", "驱动清单无效", error.to_string()))
}

fn read_text(path: &Path) -> Result<Option<String>, Notice> {
    let Some(bytes) = read_bounded(path, MAX_COMPANION_BYTES)? else { return Ok(None) };
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        // It is there and says nothing, which the signature's parser refuses.
        Err(_) => Ok(Some(String::new())),
    }
}

/// The file's bytes; none when there is no such file. The size is bounded while reading, because a size that was
/// asked for beforehand may no longer hold.
fn read_bounded(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, Notice> {
    let unreadable = |error: io::Error| {
        Notice::new("file-unreadable", "文件无法读取", format!("{} cannot be read: {error}", path.display()))
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let mut bytes = Vec::new();
    let read = file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(read).is_ok_and(|read| read <= limit) {
        return Ok(Some(bytes));
    }
    let zh = format!("文件超过 {limit} 字节的上限");
    Err(Notice::new("too-large", zh, format!("{} is larger than {limit} bytes", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::section::append_section;
    use std::fs;

    const MANIFEST: &str =
        r#"{"id":"acme.meter","version":"1.0.0","kind":"meter","contract":"dianka:meter@1.0.0","vendor":"Acme"}"#;

    fn component() -> Vec<u8> {
        b"\0asm\x0d\0\x01\0".to_vec()
    }

    #[test]
    fn the_inner_manifest_wins_over_the_sidecar() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.wasm");
        fs::write(&path, component()).unwrap();
        let read = || DriverFile::read(&path, &TrustTable::default()).unwrap();
        assert_eq!(read().manifest, None);
        assert_eq!(read().signature, Signature::Unsigned);

        fs::write(sidecar_path(&path), MANIFEST.replace("acme.meter", "side.car")).unwrap();
        assert_eq!(read().manifest.unwrap().id, "side.car");

        let mut bytes = component();
        append_section(&mut bytes, MANIFEST_SECTION, MANIFEST.as_bytes());
        fs::write(&path, &bytes).unwrap();
        assert_eq!(read().manifest.unwrap().id, "acme.meter");
        assert_eq!(read().digest, Digest::of(&bytes));
    }

    #[test]
    fn a_file_over_the_cap_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("big.wasm");
        fs::write(&path, vec![0; 2 * 1024 * 1024 + 1]).unwrap();
        assert_eq!(DriverFile::read(&path, &TrustTable::default()).unwrap_err().code, "too-large");
        fs::write(&path, "text").unwrap();
        assert_eq!(DriverFile::read(&path, &TrustTable::default()).unwrap_err().code, "not-a-component");
        fs::remove_file(&path).unwrap();
        assert_eq!(DriverFile::read(&path, &TrustTable::default()).unwrap_err().code, "file-gone");
    }

    #[test]
    fn a_signature_of_noise_is_refused_and_not_ignored() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.wasm");
        fs::write(&path, component()).unwrap();
        fs::write(signature_path(&path), [0xff, 0xfe]).unwrap();
        let file = DriverFile::read(&path, &TrustTable::default()).unwrap();
        assert!(matches!(file.signature, Signature::Refused { reason } if reason.code == "signature-unreadable"));
    }
}
