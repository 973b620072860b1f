//! The line over WebSocket: challenge and greeting, refusal, loss, coming back, and TLS.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use dianka_station::link::dial::{Dial, DialError};
use dianka_station::link::websocket::{Backoff, Credentials, LinkEvent, OTHER_SERVER, run};
use dianka_station::link::{self, Remote};
use dianka_station::proto::{FromStation, Hello, Hex, ReaderStatus, SignKey, Statement, ToStation};
use dianka_station::workstation::{Config, Workstation};
use futures_util::{SinkExt as _, StreamExt as _};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};

use crate::desk::{Server, drivers};

const NONCE: [u8; 32] = [9; 32];

/// Takes one connection, and challenges it.
pub async fn accept(listener: &TcpListener) -> WebSocketStream<TcpStream> {
    let (stream, _) = listener.accept().await.unwrap();
    challenge(accept_async(stream).await.unwrap()).await
}

async fn challenge<S: AsyncRead + AsyncWrite + Unpin>(mut socket: WebSocketStream<S>) -> WebSocketStream<S> {
    say(&mut socket, &ToStation::Challenge { nonce: Hex(NONCE.to_vec()), time: 1_800_000_000 }).await;
    socket
}

/// What the station says. What must be signed is verified with the key of its greeting, and opened.
pub async fn hear<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut WebSocketStream<S>, key: &Hex) -> FromStation {
    loop {
        let message = tokio::time::timeout(Duration::from_secs(20), socket.next()).await.expect("a message in time");
        let message: FromStation = match message.unwrap().unwrap() {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            Message::Close(_) => panic!("closed"),
            _ => continue,
        };
        assert!(!message.is_evidence(), "evidence without a signature: {message:?}");
        let FromStation::Signed(signed) = message else { return message };
        match signed.verify(key).unwrap() {
            Statement::Evidence { challenge, message, .. } if challenge.0 == NONCE && message.is_evidence() => {
                return *message;
            }
            other => panic!("{other:?}"),
        }
    }
}

/// The greeting: the key that it was signed with, and the rest.
pub async fn greeting<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut WebSocketStream<S>) -> (Hex, Hello) {
    loop {
        let message = tokio::time::timeout(Duration::from_secs(20), socket.next()).await.expect("a message in time");
        let Message::Text(text) = message.unwrap().unwrap() else { continue };
        let FromStation::Signed(signed) = serde_json::from_str(&text).unwrap() else { panic!("{text}") };
        let Statement::Greeting { sign_public_key, .. } = signed.claims().unwrap() else { panic!("{text}") };
        match signed.verify(&sign_public_key).unwrap() {
            Statement::Greeting { challenge, hello, .. } if challenge.0 == NONCE => return (sign_public_key, hello),
            other => panic!("{other:?}"),
        }
    }
}

pub async fn say<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut WebSocketStream<S>, message: &ToStation) {
    socket.send(Message::Text(serde_json::to_string(message).unwrap().into())).await.unwrap();
}

/// A workstation without a port, on the line to a server.
fn dial(dir: &Path, server: &Server, dial: Dial) -> (Workstation, Receiver<LinkEvent>) {
    let (link, remote): (_, Remote) = link::pair();
    let config = Config {
        number: 3,
        name: Some("counter 3".into()),
        data_dir: dir.into(),
        drivers: drivers(),
        reader: None,
        bench: None,
        takes_drivers: false,
        box_key: None,
    };
    let workstation = Workstation::start(config, link).unwrap();
    let identity = workstation.identity();
    let (tell, events) = channel();
    let backoff = Backoff { first: Duration::from_millis(20), longest: Duration::from_millis(100) };
    let who = Credentials {
        key: SignKey::generate(),
        org: server.welcome.org,
        workstation_id: server.welcome.workstation_id,
        server_ticket_key: server.welcome.server_ticket_key.clone(),
    };
    tokio::spawn(async move {
        run(&dial, &who, &identity, remote, backoff, |event| drop(tell.send(event))).await;
        drop(tell.send(LinkEvent::Down { reason: "ended".into() }));
    });
    (workstation, events)
}

fn plain(address: SocketAddr) -> Dial {
    Dial::new(&format!("ws://{address}"), None, false).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_station_greets_and_comes_back_after_a_loss() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let server = Server::new();
    let (_workstation, events) = dial(dir.path(), &server, plain(listener.local_addr().unwrap()));
    let mut keys = Vec::new();
    for _ in 0..3 {
        let mut socket = accept(&listener).await;
        let (key, hello) = greeting(&mut socket).await;
        assert_eq!(hello.station_name.as_deref(), Some("counter 3"));
        keys.push((key.clone(), hello.box_public_key));
        say(&mut socket, &ToStation::Welcome(server.welcome.clone())).await;
        say(&mut socket, &ToStation::Ping).await;
        let (mut absent, mut pong, mut journal) = (false, false, false);
        while !(absent && pong && journal) {
            match hear(&mut socket, &key).await {
                FromStation::State(state) => absent |= state.state == ReaderStatus::Absent,
                FromStation::Pong => pong = true,
                FromStation::Journal(standing) => journal = standing.open && standing.unacknowledged == 0,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(events.recv().unwrap(), LinkEvent::Connected(server.welcome.clone()));
        drop(socket);
        assert!(matches!(events.recv().unwrap(), LinkEvent::Down { .. }));
    }
    assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_station_refused_for_good_ends_and_one_that_shall_wait_comes_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let (_workstation, events) = dial(dir.path(), &Server::new(), plain(listener.local_addr().unwrap()));
    let mut socket = accept(&listener).await;
    greeting(&mut socket).await;
    say(&mut socket, &ToStation::Refused { code: "enrol.limited".into(), wait_s: Some(0) }).await;
    assert!(matches!(events.recv().unwrap(), LinkEvent::Down { reason } if reason.contains("enrol.limited")));
    let mut socket = accept(&listener).await;
    greeting(&mut socket).await;
    say(&mut socket, &ToStation::Refused { code: "station.revoked".into(), wait_s: None }).await;
    assert_eq!(events.recv().unwrap(), LinkEvent::Refused { code: "station.revoked".into() });
    assert_eq!(events.recv().unwrap(), LinkEvent::Down { reason: "ended".into() });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_server_is_not_believed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let server = Server::new();
    let (_workstation, events) = dial(dir.path(), &server, plain(listener.local_addr().unwrap()));
    let mut socket = accept(&listener).await;
    greeting(&mut socket).await;
    let mut welcome = server.welcome.clone();
    welcome.server_ticket_key = Hex(vec![1; 32]);
    say(&mut socket, &ToStation::Welcome(welcome)).await;
    assert_eq!(events.recv().unwrap(), LinkEvent::Refused { code: OTHER_SERVER.into() });
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_over_tls_is_believed_under_its_authority_only() {
    let dir = tempfile::tempdir().unwrap();
    let (config, ca) = certificate(dir.path(), &["localhost"]);
    let acceptor = tokio_rustls::TlsAcceptor::from(config);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = Server::new();
    let good = Dial::new(&format!("https://localhost:{port}"), Some(&ca), false).unwrap();
    let (_workstation, events) = dial(&dir.path().join("a"), &server, good);
    let (stream, _) = listener.accept().await.unwrap();
    let stream = acceptor.accept(stream).await.unwrap();
    let mut socket = challenge(accept_async(stream).await.unwrap()).await;
    greeting(&mut socket).await;
    say(&mut socket, &ToStation::Welcome(server.welcome.clone())).await;
    assert_eq!(events.recv().unwrap(), LinkEvent::Connected(server.welcome.clone()));

    // Under another authority, under another name, and in clear against a TLS port: no greeting leaves.
    let elsewhere = tempfile::tempdir().unwrap();
    let (_, other_ca) = certificate(elsewhere.path(), &["localhost"]);
    for (server_text, ca) in [
        (format!("wss://localhost:{port}"), Some(other_ca)),
        (format!("wss://127.0.0.1:{port}"), Some(ca.clone())),
        (format!("ws://localhost:{port}"), None),
    ] {
        let wrong = Dial::new(&server_text, ca.as_ref(), false).unwrap();
        let stream = wrong.reach().await.unwrap();
        let asking = tokio::spawn(async move { wrong.ask(stream).await.map(|found| found.time) });
        let (stream, _) = listener.accept().await.unwrap();
        assert!(acceptor.accept(stream).await.is_err(), "{server_text}");
        assert!(asking.await.unwrap().is_err(), "{server_text}");
    }
}

#[test]
fn a_line_that_no_later_try_mends_is_refused_at_once() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(Dial::new("ftp://host", None, false), Err(DialError::Address(_))));
    assert!(matches!(Dial::new("ws://192.168.1.2", None, false), Err(DialError::Address(_))));
    let nothing = dir.path().join("nothing.pem");
    assert!(matches!(Dial::new("wss://host", Some(&nothing), false), Err(DialError::Tls(_))));
    std::fs::write(&nothing, "no certificate").unwrap();
    let error = Dial::new("wss://host", Some(&nothing), false).err().unwrap();
    assert!(error.to_string().contains("nothing.pem"), "{error}");
}
