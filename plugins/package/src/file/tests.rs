//! Files with and without companions, signed inside, beside, both and wrongly.

use super::*;
use crate::section::{SIGNATURE_SECTION, append_section};
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

/// A vendor, and a table that trusts him with his own ids.
struct Vendor {
    pair: minisign::KeyPair,
    table: TrustTable,
}

impl Vendor {
    fn new() -> Self {
        let pair = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
        let toml = format!("[[key]]\nname = \"Acme\"\npublic = \"{}\"\nids = [\"acme.*\"]\n", pair.pk.to_base64());
        Self { table: TrustTable::from_toml(&toml).unwrap(), pair }
    }

    fn sign(&self, bytes: &[u8]) -> String {
        minisign::sign(Some(&self.pair.pk), &self.pair.sk, bytes, None, None).unwrap().into_string()
    }

    /// A package in one file.
    fn package(&self) -> Vec<u8> {
        let mut bytes = packed();
        let signature = self.sign(&bytes);
        append_section(&mut bytes, SIGNATURE_SECTION, signature.as_bytes());
        bytes
    }

    fn verdict(&self, bytes: &[u8], detached: Option<&str>) -> String {
        match DriverFile::of(bytes.to_vec(), detached, &self.table).map(|file| file.signature) {
            Ok(Signature::Trusted { key }) => format!("trusted by {key}"),
            Ok(Signature::Unsigned) => "unsigned".to_owned(),
            Ok(Signature::Refused { reason }) | Err(reason) => reason.code,
        }
    }
}

fn packed() -> Vec<u8> {
    let mut bytes = component();
    append_section(&mut bytes, "code", &[1, 2, 3, 4]);
    append_section(&mut bytes, MANIFEST_SECTION, MANIFEST.as_bytes());
    bytes
}

#[test]
fn a_signature_inside_counts_like_one_beside() {
    let vendor = Vendor::new();
    assert_eq!(vendor.verdict(&packed(), None), "unsigned");
    assert_eq!(vendor.verdict(&packed(), Some(&vendor.sign(&packed()))), "trusted by Acme");
    assert_eq!(vendor.verdict(&vendor.package(), None), "trusted by Acme");
    let package = vendor.package();
    let file = DriverFile::of(package.clone(), None, &vendor.table).unwrap();
    assert_eq!(file.digest, Digest::of(&package));
    assert_eq!(file.manifest.unwrap().id, "acme.meter");
}

#[test]
fn two_signatures_are_refused_even_if_both_are_good() {
    let vendor = Vendor::new();
    let package = vendor.package();
    assert_eq!(vendor.verdict(&package, Some(&vendor.sign(&package))), "signature-twice");
    assert_eq!(vendor.verdict(&package, Some("noise")), "signature-twice");
    // And on disk.
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.wasm");
    fs::write(&path, &package).unwrap();
    let read = || DriverFile::read(&path, &vendor.table).unwrap().signature;
    assert_eq!(read(), Signature::Trusted { key: "Acme".to_owned() });
    fs::write(signature_path(&path), vendor.sign(&package)).unwrap();
    assert!(matches!(read(), Signature::Refused { reason } if reason.code == "signature-twice"));
}

#[test]
fn every_altered_byte_and_every_cut_of_a_package_is_noticed() {
    let vendor = Vendor::new();
    let package = vendor.package();
    for at in 0..package.len() {
        let mut altered = package.clone();
        altered[at] ^= 1;
        let verdict = vendor.verdict(&altered, None);
        // The untrusted comment is the signature's first line; nobody reads it. A signature whose section is renamed is
        // one that is not there.
        let comment = find(&package, b"untrusted comment: ");
        let comment = comment..comment + package[comment..].iter().position(|byte| *byte == b'\n').unwrap();
        let ignored = comment.contains(&at) && verdict == "trusted by Acme";
        assert!(ignored || verdict != "trusted by Acme", "{at}: {verdict}");
        let cut = vendor.verdict(&package[..at], None);
        assert_ne!(cut, "trusted by Acme", "cut at {at}");
    }
}

#[test]
fn nothing_may_follow_the_signature() {
    let vendor = Vendor::new();
    let mut appended = vendor.package();
    append_section(&mut appended, "more", b"code");
    assert_eq!(vendor.verdict(&appended, None), "signature-not-last");
    let mut again = vendor.package();
    let signature = vendor.sign(&again);
    append_section(&mut again, SIGNATURE_SECTION, signature.as_bytes());
    assert_eq!(vendor.verdict(&again, None), "signature-not-last");
    let mut loose = vendor.package();
    loose.extend([1, 2, 3]);
    assert_eq!(vendor.verdict(&loose, None), "not-a-component");
}

#[test]
fn other_keys_other_ids_and_empty_signatures_are_refused() {
    let (vendor, stranger) = (Vendor::new(), Vendor::new());
    assert_eq!(vendor.verdict(&stranger.package(), None), "signer-unknown");
    let with = |payload: &[u8]| {
        let mut bytes = packed();
        append_section(&mut bytes, SIGNATURE_SECTION, payload);
        vendor.verdict(&bytes, None)
    };
    assert_eq!(with(b""), "signature-unreadable");
    assert_eq!(with(&[0xff, 0xfe]), "signature-unreadable");
    // A good signature of other bytes.
    assert_eq!(with(vendor.sign(b"something else").as_bytes()), "signature-invalid");
    let mut bytes = component();
    append_section(&mut bytes, MANIFEST_SECTION, MANIFEST.replace("acme.meter", "other.meter").as_bytes());
    let signature = vendor.sign(&bytes);
    append_section(&mut bytes, SIGNATURE_SECTION, signature.as_bytes());
    assert_eq!(vendor.verdict(&bytes, None), "id-not-allowed");
    let mut bytes = component();
    let signature = vendor.sign(&bytes);
    append_section(&mut bytes, SIGNATURE_SECTION, signature.as_bytes());
    assert_eq!(vendor.verdict(&bytes, None), "manifest-missing");
}

fn find(all: &[u8], part: &[u8]) -> usize {
    all.windows(part.len()).position(|window| window == part).unwrap()
}
