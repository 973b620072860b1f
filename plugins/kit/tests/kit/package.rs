//! Keys, packing, signing, inspecting and sending.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;

use dianka_kit::report::Lang;
use dianka_kit::told::Told;
use dianka_kit::{keys, pack, push};
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

/// The head and the body of each request.
type Heard = std::thread::JoinHandle<Vec<(String, Vec<u8>)>>;

/// A server that takes one request after the other and answers as it is told; gives back what it heard.
fn server(answers: Vec<(&'static str, &'static str)>) -> (String, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let answer = |(status, body): (&str, &str)| {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream);
            let (mut head, mut len) = (String::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    len = value.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
                head.push_str(&line);
            }
            let mut heard = vec![0; len];
            reader.read_exact(&mut heard).unwrap();
            let size = body.len();
            let text = format!("HTTP/1.1 {status}\r\ncontent-length: {size}\r\nconnection: close\r\n\r\n{body}");
            reader.get_mut().write_all(text.as_bytes()).unwrap();
            (head, heard)
        };
        answers.into_iter().map(answer).collect()
    });
    (address, thread)
}

fn send(address: &str) -> Result<serde_json::Value, push::PushError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(push::push(address, "vendor", "pass", b"package".to_vec(), Lang::En))
}

#[test]
fn an_address_is_understood_or_said_to_be_none() {
    for (typed, whole) in [
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("127.0.0.1:8093", "http://127.0.0.1:8093"),
        (" server:80 ", "http://server:80"),
    ] {
        assert_eq!(push::address(typed).unwrap(), whole);
    }
    for typed in ["https://server", "", "http://", "ftp://server", "a b"] {
        let error = push::address(typed).unwrap_err();
        assert!(error.said(Lang::Zh).contains("不是服务器地址"), "{typed}");
        assert!(error.said(Lang::En).contains("http://HOST:PORT"), "{typed}");
    }
    // Nobody listens there any more.
    let (address, heard) = server(Vec::new());
    heard.join().unwrap();
    let error = send(&address).unwrap_err();
    assert!(error.said(Lang::En).starts_with("nothing answers at http://127.0.0.1:"), "{}", error.said(Lang::En));
    assert!(error.said(Lang::Zh).contains("没有回应"));
}

#[test]
fn checks_that_were_not_done_are_told_loudly() {
    let said = serde_json::json!({
        "id": "acme.reader", "version": "1.0.0", "kind": "reader",
        "conformance": { "checks": [{ "id": "gate", "outcome": "passed" }, { "id": "wrong-code", "outcome": "skipped" }] },
    });
    assert!(push::summary(&said, Lang::En).contains("1 checks were NOT done by the server: wrong-code"));
    assert!(push::summary(&said, Lang::Zh).contains("有 1 项检查没有做：wrong-code"));
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
fn a_package_is_sent_with_the_token_of_the_login() {
    let (address, heard) = server(vec![("200 OK", r#"{"access_token":"abc"}"#), ("201 Created", r#"{"id":"acme"}"#)]);
    let said = send(&address).unwrap();
    assert_eq!(said["id"], "acme");
    for lang in [Lang::Zh, Lang::En] {
        let summary = push::summary(&said, lang);
        assert!(summary.lines().count() == 2 && summary.contains("acme"), "{summary}");
    }
    let heard = heard.join().unwrap();
    assert!(heard[0].0.starts_with("POST /api/v1/login "));
    assert!(heard.iter().all(|(head, _)| head.to_lowercase().contains("accept-language: en")));
    let login: serde_json::Value = serde_json::from_slice(&heard[0].1).unwrap();
    assert_eq!(login, serde_json::json!({"login": "vendor", "password": "pass"}));
    let head = heard[1].0.to_lowercase();
    assert!(head.starts_with("post /api/v1/drivers "), "{head}");
    assert!(head.contains("authorization: bearer abc") && head.contains("content-type: application/wasm"), "{head}");
    assert_eq!(heard[1].1, b"package");
}

#[test]
fn the_servers_reason_is_told() {
    let (address, _) = server(vec![
        ("200 OK", r#"{"access_token":"abc"}"#),
        ("422 Unprocessable Entity", r#"{"title":"Driver refused","detail":"unsigned"}"#),
    ]);
    assert_eq!(send(&address).unwrap_err().to_string(), "422 Unprocessable Entity: Driver refused: unsigned");
    let (address, _) = server(vec![("401 Unauthorized", r#"{"title":"Wrong password"}"#)]);
    assert_eq!(send(&address).unwrap_err().to_string(), "401 Unauthorized: Wrong password");
    assert!(matches!(send("http://127.0.0.1:1"), Err(push::PushError::Http(_))));
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
