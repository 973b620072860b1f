//! A driver file and what lies beside it.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::digest::Digest;
use crate::manifest::{MANIFEST_SECTION, Manifest};
use crate::notice::Notice;
use crate::section::{SectionError, find_section, split_signature};
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
        let detached = read_text(&signature_path(path))?;
        let mut file = Self::of(bytes, detached.as_deref(), table)?;
        if file.manifest.is_none() {
            let sidecar = read_bounded(&sidecar_path(path), MAX_COMPANION_BYTES)?;
            file.manifest = sidecar.as_deref().map(parse_manifest).transpose()?;
        }
        Ok(file)
    }

    /// Judges `bytes` that are not, or not yet, a file, with a `detached` signature if there is one.
    pub fn of(bytes: Vec<u8>, detached: Option<&str>, table: &TrustTable) -> Result<Self, Notice> {
        let manifest =
            find_section(&bytes, MANIFEST_SECTION).map_err(|error| broken(&error))?.map(parse_manifest).transpose()?;
        let signed = split_signature(&bytes).map_err(|error| broken(&error))?;
        let signature = match (signed.signature, detached) {
            (Some(_), Some(_)) => Signature::Refused { reason: signed_twice() },
            (Some(inside), None) => verify(signed.content, Some(&text(inside)), manifest.as_ref(), table),
            (None, detached) => verify(&bytes, detached, manifest.as_ref(), table),
        };
        Ok(Self { digest: Digest::of(&bytes), bytes, manifest, signature })
    }
}

/// A signature's text. What is there and is no text says nothing, which the signature's parser refuses.
fn text(signature: &[u8]) -> String {
    String::from_utf8(signature.to_vec()).unwrap_or_default()
}

fn broken(error: &SectionError) -> Notice {
    match error {
        SectionError::NotLast(_) => Notice::new(
            "signature-not-last",
            "签名之后还有内容，签名没有覆盖整个文件",
            "something follows the signature, which it does not cover",
        ),
        _ => Notice::new("not-a-component", "文件不是 WebAssembly 组件，或已损坏", error.to_string()),
    }
}

fn signed_twice() -> Notice {
    Notice::new(
        "signature-twice",
        "文件内有签名，旁边又有签名文件；只能有一个",
        "there is a signature inside the file and another one beside it; only one may be there",
    )
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
    Ok(Some(text(&bytes)))
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
mod tests;
