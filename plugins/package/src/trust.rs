//! Who may sign what.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minisign_verify::PublicKey;
use serde::{Deserialize, Serialize};

use crate::manifest::Manifest;
use crate::notice::Notice;

/// The operator's list of keys. A person adds a key; revoking one is a line in the same file.
#[derive(Debug, Clone, Default)]
pub struct TrustTable {
    keys: Vec<TrustedKey>,
}

/// One key, and the driver ids that it may sign.
#[derive(Clone)]
pub struct TrustedKey {
    public: PublicKey,
    text: KeyText,
}

impl fmt::Debug for TrustedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrustedKey").field("text", &self.text).finish_non_exhaustive()
    }
}

/// Why a trust table was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// Not TOML of this form.
    #[error("the trust table does not parse: {0}")]
    Toml(String),
    /// A key that is not a minisign public key.
    #[error("the key {name:?} is not a minisign public key: {why}")]
    Key {
        /// The name in the table.
        name: String,
        /// What is wrong with it.
        why: String,
    },
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct TableText {
    #[serde(default)]
    key: Vec<KeyText>,
}

/// One key as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct KeyText {
    /// Whose key it is.
    pub name: String,
    /// The second line of `minisign.pub`.
    pub public: String,
    /// What it may sign: an exact id, or a prefix that ends in `*`.
    pub ids: Vec<String>,
    /// It counts no more.
    #[serde(default)]
    pub revoked: bool,
}

impl KeyText {
    /// Whether it is the same public key, whoever it is said to be of.
    #[must_use]
    pub fn is_same_key(&self, other: &Self) -> bool {
        self.public.trim() == other.public.trim()
    }
}

impl TrustTable {
    /// Reads a table of the form
    ///
    /// ```toml
    /// [[key]]
    /// name = "Acme Meters"
    /// public = "RWQ..."       # second line of minisign.pub
    /// ids = ["acme.*"]        # what it may sign: an exact id, or a prefix that ends in *
    /// revoked = false
    /// ```
    pub fn from_toml(text: &str) -> Result<Self, TrustError> {
        let table: TableText = toml::from_str(text).map_err(|error| TrustError::Toml(error.to_string()))?;
        let keys = table.key.into_iter().map(TrustedKey::from_text).collect::<Result<_, _>>()?;
        Ok(Self { keys })
    }
}

impl TrustTable {
    /// The table as text that [`TrustTable::from_toml`] reads.
    pub fn to_toml(&self) -> Result<String, TrustError> {
        let table = TableText { key: self.keys.iter().map(|key| key.text.clone()).collect() };
        toml::to_string(&table).map_err(|error| TrustError::Toml(error.to_string()))
    }

    /// The keys as they are written.
    pub fn keys(&self) -> impl Iterator<Item = &KeyText> {
        self.keys.iter().map(|key| &key.text)
    }

    /// Adds a key; one of the same name with the same public key may sign other ids from now on. A revoked one stays so.
    pub fn put(&mut self, key: KeyText) -> Result<(), TrustError> {
        let key = TrustedKey::from_text(key)?;
        let same = |known: &&mut TrustedKey| known.text.name == key.text.name && known.text.is_same_key(&key.text);
        match self.keys.iter_mut().find(same) {
            Some(known) => known.text.ids = key.text.ids,
            None => self.keys.push(key),
        }
        Ok(())
    }

    /// Revokes the key of this name. False if there is none.
    pub fn revoke(&mut self, name: &str) -> bool {
        let found = self.keys.iter_mut().find(|key| key.text.name == name);
        found.map(|key| key.text.revoked = true).is_some()
    }

    /// This table with the keys of another one after its own.
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        self.keys.extend(other.keys.iter().cloned());
        self
    }

    /// Whether there is a key of this name that is not revoked.
    pub fn trusts(&self, name: &str) -> bool {
        self.keys().any(|key| key.name == name && !key.revoked)
    }
}

impl TrustedKey {
    fn from_text(text: KeyText) -> Result<Self, TrustError> {
        match PublicKey::from_base64(text.public.trim()) {
            Ok(public) => Ok(Self { public, text }),
            Err(error) => Err(TrustError::Key { name: text.name, why: error.to_string() }),
        }
    }

    fn may_sign(&self, id: &str) -> bool {
        self.text.ids.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(prefix) => id.starts_with(prefix),
            None => id == pattern,
        })
    }
}

/// What a file's signature amounts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signature {
    /// Signed by a key of the table that may sign this id.
    Trusted {
        /// The key's name in the table.
        key: String,
    },
    /// There is no signature.
    Unsigned,
    /// There is one, and it is worse than none.
    Refused {
        /// Why.
        reason: Notice,
    },
}

/// Checks the detached signature `minisig` over the raw `bytes` of a driver file. `manifest` is the one from inside
/// the file: a signature does not cover a sidecar.
pub fn verify(bytes: &[u8], minisig: Option<&str>, manifest: Option<&Manifest>, table: &TrustTable) -> Signature {
    let Some(minisig) = minisig else { return Signature::Unsigned };
    match signed_by(bytes, minisig, manifest, table) {
        Ok(key) => Signature::Trusted { key },
        Err(reason) => Signature::Refused { reason },
    }
}

fn signed_by(bytes: &[u8], minisig: &str, manifest: Option<&Manifest>, table: &TrustTable) -> Result<String, Notice> {
    let signature = minisign_verify::Signature::decode(minisig).map_err(|error| {
        Notice::new("signature-unreadable", "签名文件无法解析", format!("the signature file does not parse: {error}"))
    })?;
    // A key may stand in the table more than once, with other ids each time.
    let keys: Vec<_> = table.keys.iter().filter(|key| key.public.verify(bytes, &signature, false).is_ok()).collect();
    let Some(key) = keys.first() else { return Err(no_key(minisig, table)) };
    // Revoked anywhere is revoked: somebody had a reason.
    if let Some(key) = keys.iter().find(|key| key.text.revoked) {
        let (zh, en) =
            (format!("签名密钥“{}”已被吊销", key.text.name), format!("the key {:?} is revoked", key.text.name));
        return Err(Notice::new("key-revoked", zh, en));
    }
    let Some(manifest) = manifest else {
        return Err(Notice::new(
            "manifest-missing",
            "已签名的驱动文件内部没有清单，无法判断签名者可否签发该驱动",
            "a signed driver carries its manifest inside, and this one does not",
        ));
    };
    if let Some(key) = keys.iter().find(|key| key.may_sign(&manifest.id)) {
        return Ok(key.text.name.clone());
    }
    let zh = format!("密钥“{}”无权签发驱动“{}”：请管理员为它补上这个驱动名", key.text.name, manifest.id);
    let en =
        format!("the key {:?} may not sign drivers called {:?}: let it sign that id, too", key.text.name, manifest.id);
    Err(Notice::new("id-not-allowed", zh, en))
}

/// No key of the table verifies the signature: the signer is not trusted, or, by the number that the signature names, is,
/// and then the file is not what was signed. The number is a hint and decides nothing but the words.
fn no_key(minisig: &str, table: &TrustTable) -> Notice {
    let number = minisig.lines().find(|line| !line.contains(':')).and_then(key_number);
    let known = table.keys.iter().any(|key| number.is_some() && key_number(&key.text.public) == number);
    match number {
        Some(number) if !known => {
            // As minisign and signify write it: the bytes from last to first.
            let shown = hex::encode_upper(number.iter().rev().copied().collect::<Vec<u8>>());
            Notice::new(
                "signer-unknown",
                format!("签名者不在信任表中（密钥号 {shown}）：先由管理员核对并信任该厂商的密钥，再送来"),
                format!(
                    "the signer is not trusted (key number {shown}): an administrator has to trust the vendor's key first"
                ),
            )
        }
        _ => Notice::new(
            "signature-invalid",
            "签名不符：签名之后文件或签名被改动，请向厂商重新索取文件",
            "the signature does not fit: file or signature were altered after signing; ask the vendor for the file again",
        ),
    }
}

/// The number of the key in a line of minisign: two bytes for the algorithm, eight for the number.
fn key_number(line: &str) -> Option<[u8; 8]> {
    let bytes = STANDARD.decode(line.trim()).ok()?;
    bytes.get(2..10)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use minisign::KeyPair;

    fn manifest(id: &str) -> Manifest {
        let json = format!(r#"{{"id":"{id}","version":"1.0.0","kind":"meter","contract":"dianka:meter@1.0.0"}}"#);
        Manifest::parse(json.as_bytes()).unwrap()
    }

    fn table(pair: &KeyPair, revoked: bool) -> TrustTable {
        let public = pair.pk.to_base64();
        let toml =
            format!("[[key]]\nname = \"Acme\"\npublic = \"{public}\"\nids = [\"acme.*\"]\nrevoked = {revoked}\n");
        TrustTable::from_toml(&toml).unwrap()
    }

    fn sign(pair: &KeyPair, bytes: &[u8]) -> String {
        minisign::sign(Some(&pair.pk), &pair.sk, bytes, None, None).unwrap().into_string()
    }

    fn code(outcome: Signature) -> String {
        match outcome {
            Signature::Trusted { key } => format!("trusted by {key}"),
            Signature::Unsigned => "unsigned".to_owned(),
            Signature::Refused { reason } => reason.code,
        }
    }

    #[test]
    fn only_the_right_key_over_the_right_bytes_for_the_right_id_is_trusted() {
        let pair = KeyPair::generate_unencrypted_keypair().unwrap();
        let stranger = KeyPair::generate_unencrypted_keypair().unwrap();
        let bytes = b"a driver";
        let signature = sign(&pair, bytes);
        let ours = manifest("acme.meter");
        let verify_with = |bytes: &[u8], minisig: &str, manifest: Option<&Manifest>, revoked: bool| {
            code(verify(bytes, Some(minisig), manifest, &table(&pair, revoked)))
        };

        assert_eq!(verify_with(bytes, &signature, Some(&ours), false), "trusted by Acme");
        assert_eq!(verify_with(b"b driver", &signature, Some(&ours), false), "signature-invalid");
        assert_eq!(verify_with(bytes, &sign(&stranger, bytes), Some(&ours), false), "signer-unknown");
        assert_eq!(verify_with(bytes, "no signature", Some(&ours), false), "signature-unreadable");
        assert_eq!(verify_with(bytes, &signature, Some(&ours), true), "key-revoked");
        assert_eq!(verify_with(bytes, &signature, Some(&manifest("other.meter")), false), "id-not-allowed");
        assert_eq!(verify_with(bytes, &signature, None, false), "manifest-missing");
        assert_eq!(code(verify(bytes, None, Some(&ours), &TrustTable::default())), "unsigned");
    }

    #[test]
    fn a_key_may_be_given_more_ids_and_revoked_anywhere_is_revoked() {
        let pair = KeyPair::generate_unencrypted_keypair().unwrap();
        let signature = sign(&pair, b"a driver");
        let judged =
            |table: &TrustTable| code(verify(b"a driver", Some(&signature), Some(&manifest("other.one")), table));
        let mut keys = table(&pair, false);
        assert_eq!(judged(&keys), "id-not-allowed");
        let text = keys.keys().next().unwrap().clone();
        keys.put(KeyText { ids: vec!["other.*".to_owned()], ..text.clone() }).unwrap();
        assert_eq!((judged(&keys).as_str(), keys.keys().count()), ("trusted by Acme", 1));
        // In another table under another name.
        let other = table(&pair, false).with(&keys);
        assert_eq!(judged(&other), "trusted by Acme");
        assert!(keys.revoke("Acme"));
        assert_eq!(judged(&table(&pair, false).with(&keys)), "key-revoked");
        keys.put(KeyText { revoked: false, ..text }).unwrap();
        assert_eq!(judged(&keys), "key-revoked");
    }

    #[test]
    fn an_altered_trusted_comment_is_refused() {
        let pair = KeyPair::generate_unencrypted_keypair().unwrap();
        let signature = sign(&pair, b"a driver").replacen("trusted comment: ", "trusted comment: x", 2);
        let outcome = verify(b"a driver", Some(&signature), Some(&manifest("acme.meter")), &table(&pair, false));
        assert_eq!(code(outcome), "signature-invalid");
    }

    #[test]
    fn a_table_with_a_bad_key_is_an_error() {
        let bad = TrustTable::from_toml("[[key]]\nname = \"x\"\npublic = \"abc\"\nids = []\n");
        assert!(matches!(bad, Err(TrustError::Key { .. })));
        assert!(matches!(TrustTable::from_toml("[[keys]]"), Err(TrustError::Toml(_))));
    }
}
