//! Keys, packing, signing and inspecting.

use std::path::Path;

use dianka_kit::report::Lang;
use dianka_kit::told::Told;
use dianka_kit::{keys, pack};
use dianka_plugin_package::{DriverFile, Signature, TrustTable, Vectors, find_section};

use crate::guest::{MeterGuest, plugc};
use crate::{checked, file};

fn component(dir: &tempfile::TempDir) -> std::path::PathBuf {
    file(dir, &MeterGuest::honest("acme.toy", "1.2.3").build().0)
}

fn trust(public: &str) -> TrustTable {
    let toml = format!("[[key]]\nname = \"Acme\"\npublic = \"{public}\"\nids = [\"acme.*\"]\n");
    TrustTable::from_toml(&toml).unwrap()
}

#[test]
fn from_a_component_to_a_package_that_a_server_trusts() {
    let dir = tempfile::tempdir().unwrap();
    let path = component(&dir);
    let name = dir.path().join("acme");
    let public = keys::generate(&name, Some("secret".to_owned())).unwrap();
    assert!(keys::generate(&name, None).is_err(), "a key is never overwritten");
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(name.with_extension("key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(keys::secret(&name.with_extension("key"), || Ok("wrong".to_owned())).is_err());
    let key = keys::secret(&name.with_extension("key"), || Ok("secret".to_owned())).unwrap();

    let bare = pack::read(&path).unwrap();
    assert!(matches!(pack::sign(bare, &key), Err(pack::PackError::NotPacked)));
    let (manifest, packed) = pack::pack(&path, "Acme", &Vectors::default(), &plugc()).unwrap();
    assert_eq!((manifest.id.as_str(), manifest.contract.as_str()), ("acme.toy", "dianka:meter@1.0.0"));
    assert!(manifest.needs.is_empty());
    assert!(find_section(&packed, "dianka:manifest").unwrap().is_some());
    let signed = pack::sign(packed, &key).unwrap();
    assert!(matches!(pack::sign(signed.clone(), &key), Err(pack::PackError::Signed)));
    pack::write(&path, &signed).unwrap();
    assert!(matches!(pack::pack(&path, "Acme", &Vectors::default(), &plugc()), Err(pack::PackError::Packed)));

    // What a server makes of it, and what the kit says about it.
    let trusted = DriverFile::read(&path, &trust(&public)).unwrap().signature;
    assert_eq!(trusted, Signature::Trusted { key: "Acme".to_owned() });
    let key = keys::public(&name.with_extension("pub")).unwrap();
    let look = pack::inspect(&path, Some(&key)).unwrap();
    let signature = look.signature.unwrap();
    assert_eq!((signature.comment.as_str(), signature.verified), ("meter acme.toy 1.2.3", Some(true)));
    assert_eq!(look.manifest.unwrap().vendor, "Acme");
    // A signed driver is checked like any other; this one has no virtual meter, but it loads.
    assert!(checked(&path, 10).check("gate").unwrap().failures.is_empty());

    // Another key, and one altered byte.
    let stranger = dir.path().join("stranger");
    keys::generate(&stranger, None).unwrap();
    let other = keys::public(&stranger.with_extension("pub")).unwrap();
    assert_eq!(pack::inspect(&path, Some(&other)).unwrap().signature.unwrap().verified, Some(false));
    let mut altered = signed;
    altered[100] ^= 1;
    pack::write(&path, &altered).unwrap();
    assert_eq!(pack::inspect(&path, Some(&key)).unwrap().signature.unwrap().verified, Some(false));
}

#[test]
fn what_a_server_would_refuse_is_not_packed() {
    let dir = tempfile::tempdir().unwrap();
    let path = file(&dir, &MeterGuest::honest("toy", "1.0.0").build_with_wasi().0);
    let refused = pack::pack(&path, "Acme", &Vectors::default(), &plugc());
    assert!(matches!(&refused, Err(pack::PackError::Refused(notice)) if notice.code == "import-not-allowed"));
}

#[test]
fn the_public_half_does_not_sign() {
    let dir = tempfile::tempdir().unwrap();
    keys::generate(&dir.path().join("acme"), None).unwrap();
    let error = keys::secret(&dir.path().join("acme.pub"), || Ok(String::new())).err().unwrap();
    let notice = error.notice();
    assert_eq!(notice.code, "key-public");
    assert!(notice.en.contains("is a public key") && notice.zh.contains("是公钥"), "{notice:?}");
    assert!(!notice.en.contains('公') && !notice.zh.contains("public key"), "one language each: {notice:?}");
}

#[test]
fn names_of_projects() {
    use dianka_kit::project::{Language, ProjectError, new, own_source};
    use dianka_plugin_package::Kind;
    let dir = tempfile::tempdir().unwrap();
    let make = |name: &str, source: &Path| new(Kind::Meter, Language::Rust, name, dir.path(), source);
    for name in ["", "Acme", "a/b", "-x", "1x", &"x".repeat(41)] {
        assert!(matches!(make(name, &own_source()), Err(ProjectError::Name(_))), "{name}");
    }
    assert!(matches!(make("ok", dir.path()), Err(ProjectError::Source(_))));
    let folder = make("ok", &own_source()).unwrap();
    assert!(make("ok", &own_source()).is_err(), "nothing is overwritten");
    for file in ["Cargo.toml", "build", "src/lib.rs", "README.md"] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        assert!(!text.contains('@') || text.contains("${"), "{file}: {text}");
        assert!(text.lines().count() < 150);
    }
}

fn shipped(name: &str) -> std::path::PathBuf {
    let files = std::fs::read_dir(crate::built::shipped()).unwrap().map(|entry| entry.unwrap().path());
    files.into_iter().find(|path| path.to_string_lossy().contains(name)).unwrap()
}

/// The report on the shipped driver `name`, packed with these vectors.
fn packed(name: &str, vectors: &Vectors) -> dianka_kit::report::Report {
    let dir = tempfile::tempdir().unwrap();
    let (_, bytes) = pack::pack(&shipped(name), "Acme", vectors, &plugc()).unwrap();
    checked(&file(&dir, &bytes), 20)
}

/// Case 1 of the published test cases of STS: 0.1 kWh.
fn case_1(digits: &str) -> Vectors {
    use dianka_plugin_host::meter::{Param, Value};
    use dianka_plugin_host::token::{Minute, TokenMeter, TokenOrder, TokenRequest};
    let param = |name: &str, value| Param { name: name.to_owned(), value };
    let params = vec![
        param("supply-group", Value::Text("123457".to_owned())),
        param("key-revision", Value::Int(1)),
        param("base-date", Value::Int(1993)),
    ];
    let request = TokenRequest {
        order: TokenOrder::Credit { quantity_wh: dianka_domain::units::MeterEnergy::from_wh(100) },
        meter: TokenMeter { meter_no: 0, params },
        issued: Minute { year: 2004, month: 3, day: 1, hour: 13, minute: 0 },
        after: None,
        chance: 5,
    };
    let vector = serde_json::json!({"name": "case 1", "key": "abababababababab949494949494949401234567",
        "request": request, "token": {"digits": digits, "identifier": 0x0059_982C}});
    Vectors::parse(serde_json::json!({ "tokens": [vector] }).to_string().as_bytes()).unwrap()
}

#[test]
fn a_published_token_travels_in_the_package() {
    let good = packed("sts.ea11", &case_1("59386323472137426967"));
    assert!(good.passed && good.check("vectors").unwrap().cases == 1, "{}", good.to_text(Lang::En));
    let bad = packed("sts.ea11", &case_1("59386323472137426968"));
    assert_eq!(crate::failed(&bad), ["vectors"], "{}", bad.to_text(Lang::En));
    assert!(bad.check("vectors").unwrap().failures[0].what.en.contains("makes another token"));
}

#[test]
fn transcripts_travel_in_the_package() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("silence.txt");
    // Nobody answers, and the driver says so: a line that needs no reader.
    std::fs::write(&path, "C probe = no-reader\nX\n").unwrap();
    assert!(matches!(pack::vectors(None, std::slice::from_ref(&path)), Err(pack::PackError::Transcript(_))));
    std::fs::write(&path, "C power-off = ok\n").unwrap();
    let vectors = pack::vectors(None, &[path]).unwrap();
    assert_eq!(vectors.transcripts[0].name, "silence.txt");
    let report = packed("ccid-serial", &vectors);
    assert_ne!(report.check("replay").unwrap().outcome, dianka_kit::report::Outcome::Skipped);
}
