//! From a component to a signed package in one file, and a look into one.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use dianka_plugin_package::{
    Digest, Kind, MANIFEST_SECTION, Manifest, ManifestError, Notice, Recorded, SIGNATURE_SECTION, SectionError,
    VECTORS_SECTION, Vectors, VectorsError, Verdict, append_section, find_section, split_signature,
};
use minisign::{PublicKey, SecretKey, SignatureBox};
use serde::Serialize;

use crate::check::{self, CheckError};
use crate::reader::{Transcript, TranscriptError};
use crate::told::Told;
use crate::words::io_words;

/// Why there is no package.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// A file.
    #[error("{path}: {why}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
    /// Not a component, or a damaged one.
    #[error(transparent)]
    Section(#[from] SectionError),
    /// The vectors are none.
    #[error(transparent)]
    Vectors(#[from] VectorsError),
    /// The manifest inside is none.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A transcript is none.
    #[error(transparent)]
    Transcript(#[from] TranscriptError),
    /// A server would refuse it.
    #[error("{0}")]
    Refused(Notice),
    /// It could not be looked at.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// `dianka-plugc` gave no verdict.
    #[error("dianka-plugc gives no verdict: {0}")]
    Verdict(String),
    /// It has a manifest; a second one would not be read.
    #[error("it is packed already; build it anew to pack it differently")]
    Packed,
    /// It has no manifest, so nobody knows what the signature is for.
    #[error("it has no manifest: pack it first")]
    NotPacked,
    /// It has a signature.
    #[error("it is signed already")]
    Signed,
    /// The key does not sign.
    #[error("{0}")]
    Key(#[from] minisign::PError),
}

impl Told for PackError {
    fn notice(&self) -> Notice {
        match self {
            Self::File { path, why } => file_notice(path, why),
            Self::Section(error) => error.notice(),
            Self::Vectors(error) => error.notice(),
            Self::Manifest(error) => error.notice(),
            Self::Transcript(error) => error.notice(),
            Self::Refused(notice) => notice.clone(),
            Self::Check(error) => error.notice(),
            Self::Verdict(why) => Notice::new(
                "no-verdict",
                format!("dianka-plugc 没有给出结论：{why}"),
                format!("dianka-plugc gives no verdict: {why}"),
            ),
            Self::Packed => Notice::new(
                "packed-already",
                "已经打过包；要另行打包，请重新构建",
                "it is packed already; build it anew to pack it differently",
            ),
            Self::NotPacked => {
                Notice::new("not-packed", "没有清单：请先打包（pack）", "it has no manifest: pack it first")
            }
            Self::Signed => Notice::new("signed-already", "已经签过名", "it is signed already"),
            Self::Key(error) => key_notice(error),
        }
    }
}

/// A file that cannot be read or written.
pub(crate) fn file_notice(path: &Path, why: &io::Error) -> Notice {
    let (path, why) = (path.display(), io_words(why));
    Notice::new("file", format!("{path}：{}", why.zh), format!("{path}: {}", why.en))
}

/// What the signer's library says.
pub(crate) fn key_notice(error: &minisign::PError) -> Notice {
    use minisign::ErrorKind;
    let (code, zh) = match error.kind() {
        ErrorKind::Verify => ("key-wrong", "密码不对，或密钥、签名已损坏"),
        ErrorKind::EncryptedKey => ("key-encrypted", "密钥有密码保护"),
        ErrorKind::RNG => ("no-chance", "系统没有给出随机数"),
        ErrorKind::KDF => ("key-wrong", "无法由密码得到密钥"),
        ErrorKind::Generate => ("key-not-made", "无法生成密钥"),
        ErrorKind::Sign => ("not-signed", "无法签名"),
        ErrorKind::Io | ErrorKind::Misc | ErrorKind::Hash | ErrorKind::Encoding => {
            ("not-minisign", "这不是 minisign 格式的密钥或签名")
        }
    };
    let en = match error.kind() {
        ErrorKind::Verify => "the password is wrong, or the key or the signature is damaged",
        ErrorKind::EncryptedKey => "the key is protected by a password",
        ErrorKind::RNG => "the system gives no random numbers",
        ErrorKind::KDF => "the key cannot be had from the password",
        ErrorKind::Generate => "the key cannot be made",
        ErrorKind::Sign => "it cannot be signed",
        ErrorKind::Io | ErrorKind::Misc | ErrorKind::Hash | ErrorKind::Encoding => {
            "this is no key or signature in minisign's format"
        }
    };
    Notice::new(code, zh, format!("{en}: {error}"))
}

/// The vectors of a JSON file and of recorded lines together. Each is read as a server will, so that a mistake in it shows
/// here.
pub fn vectors(path: Option<&Path>, transcripts: &[PathBuf]) -> Result<Vectors, PackError> {
    let mut vectors = path
        .map_or_else(|| Ok(Vectors::default()), |path| Ok(Vectors::parse(&read(path)?)?))
        .map_err(|error: PackError| error)?;
    for path in transcripts {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let text = String::from_utf8_lossy(&read(path)?).into_owned();
        vectors.transcripts.push(Recorded { name, text });
    }
    for recorded in &vectors.transcripts {
        Transcript::parse(&recorded.name, &recorded.text)?;
    }
    Ok(vectors)
}

/// Writes into the component at `path` the manifest that says what the driver describes, and the vectors if there are any.
/// Answers with the manifest and the package's bytes; `needs` of a reader is its port.
pub fn pack(path: &Path, vendor: &str, vectors: &Vectors, plugc: &Path) -> Result<(Manifest, Vec<u8>), PackError> {
    let mut bytes = read(path)?;
    let has = |name: &str| find_section(&bytes, name).map(|section| section.is_some());
    if has(MANIFEST_SECTION)? || has(VECTORS_SECTION)? || split_signature(&bytes)?.signature.is_some() {
        return Err(PackError::Packed);
    }
    let contract = contract(path, plugc)?;
    let driver = check::load(&bytes, plugc)?.map_err(PackError::Refused)?;
    // A server would refuse them, and not before the vendor has gone home.
    vectors.fit(driver.shape())?;
    let manifest = Manifest {
        id: driver.id,
        version: driver.version,
        kind: driver.kind,
        contract,
        vendor: vendor.to_owned(),
        needs: match driver.kind {
            Kind::Meter => Vec::new(),
            Kind::Reader => vec!["port".to_owned()],
        },
    };
    let json = serde_json::to_vec(&manifest).map_err(|error| PackError::Verdict(error.to_string()))?;
    append_section(&mut bytes, MANIFEST_SECTION, &json);
    if !vectors.is_empty() {
        let json = serde_json::to_vec(vectors).map_err(|error| PackError::Verdict(error.to_string()))?;
        Vectors::parse(&json)?;
        append_section(&mut bytes, VECTORS_SECTION, &json);
    }
    Ok((manifest, bytes))
}

/// The contract that the component fulfils, by the server's own check.
fn contract(path: &Path, plugc: &Path) -> Result<String, PackError> {
    let said = Command::new(plugc).arg("check").arg(path).output();
    let said = said.map_err(|why| PackError::File { path: plugc.to_path_buf(), why })?;
    let verdict: Verdict =
        serde_json::from_slice(&said.stdout).map_err(|error| PackError::Verdict(error.to_string()))?;
    match (verdict.fulfils, verdict.refused) {
        (_, Some(notice)) => Err(PackError::Refused(notice)),
        (Some(contract), None) => Ok(contract.name),
        (None, None) => Err(PackError::Verdict("neither fulfilled nor refused".to_owned())),
    }
}

/// Appends the signature over all of the packed `bytes`.
pub fn sign(mut bytes: Vec<u8>, key: &SecretKey) -> Result<Vec<u8>, PackError> {
    if split_signature(&bytes)?.signature.is_some() {
        return Err(PackError::Signed);
    }
    let manifest = find_section(&bytes, MANIFEST_SECTION)?.ok_or(PackError::NotPacked)?;
    let manifest = Manifest::parse(manifest)?;
    let comment = format!("{} {} {}", manifest.kind, manifest.id, manifest.version);
    let public = PublicKey::from_secret_key(key)?;
    let signature = minisign::sign(Some(&public), key, io::Cursor::new(&bytes), Some(&comment), Some("dianka-kit"))?;
    append_section(&mut bytes, SIGNATURE_SECTION, signature.into_string().as_bytes());
    Ok(bytes)
}

/// What a file says about itself, without running it.
#[derive(Debug, Clone, Serialize)]
pub struct Look {
    /// Size.
    pub bytes: usize,
    /// SHA-256 of the file: its name in every sale.
    pub sha256: Digest,
    /// From inside.
    pub manifest: Option<Manifest>,
    /// The signature inside, if there is one.
    pub signature: Option<SignatureLook>,
}

/// A signature, and what is known about it.
#[derive(Debug, Clone, Serialize)]
pub struct SignatureLook {
    /// Number of the key that made it: a hint, not a proof.
    pub key: String,
    /// What the signer says; proven only together with the signature.
    pub comment: String,
    /// Whether it is of the key that was given; none if none was.
    pub verified: Option<bool>,
}

/// Looks into the package at `path`; with a public key, verifies its signature.
pub fn inspect(path: &Path, key: Option<&PublicKey>) -> Result<Look, PackError> {
    let bytes = read(path)?;
    let manifest = find_section(&bytes, MANIFEST_SECTION)?;
    let manifest = manifest.map(Manifest::parse).transpose()?;
    let signed = split_signature(&bytes)?;
    let signature = signed.signature.map(|text| look(signed.content, text, key)).transpose()?;
    Ok(Look { bytes: bytes.len(), sha256: Digest::of(&bytes), manifest, signature })
}

fn look(content: &[u8], text: &[u8], key: Option<&PublicKey>) -> Result<SignatureLook, PackError> {
    let signature = SignatureBox::from_string(&String::from_utf8_lossy(text))?;
    let verified =
        key.map(|key| minisign::verify(key, &signature, io::Cursor::new(content), true, false, false).is_ok());
    let mut number = signature.keynum().to_vec();
    // As minisign writes it.
    number.reverse();
    Ok(SignatureLook { key: hex::encode_upper(number), comment: signature.trusted_comment()?, verified })
}

/// The file's bytes.
pub fn read(path: &Path) -> Result<Vec<u8>, PackError> {
    std::fs::read(path).map_err(|why| PackError::File { path: path.to_path_buf(), why })
}

/// Writes beside the final name and renames: whoever watches the folder never sees half a driver.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), PackError> {
    let file = |why| PackError::File { path: path.to_path_buf(), why };
    let mut draft = path.as_os_str().to_owned();
    draft.push(".part");
    std::fs::write(&draft, bytes).map_err(file)?;
    std::fs::rename(&draft, path).map_err(file)
}
