//! Sending a package: to whom, over what, and what is said when it does not arrive.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dianka_kit::push::{self, Address};
use dianka_kit::report::Lang;
use dianka_kit::told::Told;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

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

fn send_to(address: &str, ca: Option<&Path>) -> Result<serde_json::Value, push::PushError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let address = Address::parse(address)?;
    runtime.block_on(push::push(&address, ca, "vendor", "pass", b"package".to_vec(), Lang::En))
}

fn send(address: &str) -> Result<serde_json::Value, push::PushError> {
    send_to(address, None)
}

/// The sentence with its code.
fn said(error: &push::PushError, lang: Lang) -> String {
    error.said(lang)
}

#[test]
fn an_address_is_understood_or_said_to_be_none() {
    for typed in ["", "http://", "ftp://server", "a b"] {
        let error = Address::parse(typed).unwrap_err();
        assert!(
            said(&error, Lang::Zh).contains("不是服务器地址") && said(&error, Lang::Zh).ends_with("（address）"),
            "{typed}"
        );
        assert!(said(&error, Lang::En).contains("https://HOST"), "{typed}");
    }
    // Nobody listens there any more.
    let (address, heard) = server(Vec::new());
    heard.join().unwrap();
    let error = send(&address).unwrap_err();
    assert!(said(&error, Lang::En).starts_with("nothing answers at http://127.0.0.1:"), "{}", said(&error, Lang::En));
    assert!(said(&error, Lang::Zh).contains("没有回应"));
}

/// What goes to another computer in clear is warned about, and only that.
#[test]
fn plain_http_over_a_network_is_warned_about() {
    let warned = |typed: &str, lang| push::warning(&Address::parse(typed).unwrap(), lang);
    for typed in ["server", "https://server", "127.0.0.1:8080", "http://localhost:8080"] {
        assert_eq!(warned(typed, Lang::En), None, "{typed}");
    }
    assert!(warned("http://server:8080", Lang::En).unwrap().contains("can read the password"));
    assert!(warned("http://10.0.0.7", Lang::Zh).unwrap().contains("明文 HTTP"));
}

/// A server that speaks plain HTTP is not talked to in clear because nobody said so.
#[test]
fn a_server_without_https_gets_nothing_unless_it_is_said() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut begin = [0; 64];
        let len = stream.read(&mut begin).unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").unwrap();
        begin[..len].to_vec()
    });
    let error = send(&format!("https://127.0.0.1:{port}")).unwrap_err();
    let en = said(&error, Lang::En);
    assert!(en.contains("does not speak HTTPS") && en.contains(&format!("--server http://127.0.0.1:{port}")), "{en}");
    assert!(en.ends_with("(not-https)") && said(&error, Lang::Zh).contains("不使用 HTTPS"), "{en}");
    let heard = heard.join().unwrap();
    // A TLS greeting, and nothing of the log-in.
    assert_eq!(heard[0], 0x16, "{heard:?}");
}

/// A certificate for these names, and its authority in a file.
fn certificate(dir: &Path, names: &[&str]) -> (Arc<rustls::ServerConfig>, PathBuf) {
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let mut authority = rcgen::CertificateParams::new(Vec::<String>::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let file = dir.join("ca.pem");
    std::fs::write(&file, authority.self_signed(&authority_key).unwrap().pem()).unwrap();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let leaf = rcgen::CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap();
    (Arc::new(config), file)
}

/// A server behind TLS, at this address; what it heard, or that nobody got through.
fn secure(
    config: Arc<rustls::ServerConfig>,
    answers: Vec<(&'static str, &'static str)>,
) -> (u16, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let mut heard = Vec::new();
        for (status, body) in answers {
            let (stream, _) = listener.accept().unwrap();
            let session = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = BufReader::new(rustls::StreamOwned::new(session, stream));
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                if !matches!(stream.read_line(&mut head), Ok(len) if len > 0) {
                    return heard;
                }
            }
            let lower = head.to_lowercase();
            let len =
                lower.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok()).unwrap_or(0);
            let mut sent = vec![0; len];
            stream.read_exact(&mut sent).unwrap();
            let answer =
                format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
            stream.get_mut().write_all(answer.as_bytes()).unwrap();
            stream.get_mut().conn.send_close_notify();
            stream.get_mut().flush().unwrap();
            heard.push(head);
        }
        heard
    });
    (port, thread)
}

#[test]
fn over_https_under_a_certificate_that_is_trusted_only() {
    let dir = tempfile::tempdir().unwrap();
    let (config, ca) = certificate(dir.path(), &["localhost"]);
    let answers = || vec![("200 OK", r#"{"access_token":"abc"}"#), ("201 Created", r#"{"id":"acme"}"#)];
    let (port, heard) = secure(Arc::clone(&config), answers());
    assert_eq!(send_to(&format!("https://localhost:{port}"), Some(&ca)).unwrap()["id"], "acme");
    let heard = heard.join().unwrap();
    assert!(heard[0].starts_with("POST /api/v1/login ") && heard[1].contains("Bearer abc"), "{heard:?}");

    // Under an authority that nobody knows, and under another name: nothing is sent.
    let elsewhere = tempfile::tempdir().unwrap();
    let (_, other) = certificate(elsewhere.path(), &["localhost"]);
    for (host, ca) in [("localhost", other), ("127.0.0.1", ca)] {
        let (port, heard) = secure(Arc::clone(&config), answers());
        let error = send_to(&format!("https://{host}:{port}"), Some(&ca)).unwrap_err();
        let en = said(&error, Lang::En);
        assert!(en.contains("is not trusted") && en.ends_with("(not-trusted)"), "{en}");
        assert!(said(&error, Lang::Zh).contains("不信任"), "{en}");
        assert!(heard.join().unwrap().is_empty());
    }
    let error = send_to("https://localhost", Some(&dir.path().join("nothing.pem"))).unwrap_err();
    assert!(said(&error, Lang::En).contains("nothing.pem") && said(&error, Lang::En).ends_with("(tls)"));
}

#[test]
fn a_server_that_is_elsewhere_is_not_followed() {
    let (address, _) = server(vec![("301 Moved Permanently\r\nlocation: https://other/api/v1/login", "")]);
    let error = send(&address).unwrap_err();
    assert!(said(&error, Lang::En).contains("https://other/api/v1/login"), "{}", said(&error, Lang::En));
    assert!(said(&error, Lang::Zh).ends_with("（elsewhere）"));
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
    assert!(matches!(send("http://127.0.0.1:1"), Err(push::PushError::NoAnswer { .. })));
}
