//! The line over WebSocket: greeting, refusal, loss, and coming back.

use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use dianka_station::link::websocket::{Backoff, LinkEvent, run};
use dianka_station::link::{self, Remote};
use dianka_station::proto::{FromStation, ReaderStatus, ToStation};
use dianka_station::workstation::{Config, Workstation};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

use crate::desk::{Server, drivers};

type Socket = WebSocketStream<TcpStream>;

/// Takes one connection, if it carries the token.
pub async fn accept(listener: &TcpListener, token: &str) -> Option<Socket> {
    let (stream, _) = listener.accept().await.unwrap();
    let wanted = format!("Bearer {token}");
    #[expect(clippy::result_large_err, reason = "the library's type")]
    let check = |request: &Request, response: Response| match request.headers().get("authorization") {
        Some(value) if value.as_bytes() == wanted.as_bytes() => Ok(response),
        _ => {
            let mut refused = ErrorResponse::new(None);
            *refused.status_mut() = tokio_tungstenite::tungstenite::http::StatusCode::UNAUTHORIZED;
            Err(refused)
        }
    };
    accept_hdr_async(stream, check).await.ok()
}

pub async fn hear(socket: &mut Socket) -> FromStation {
    loop {
        let message = tokio::time::timeout(Duration::from_secs(20), socket.next()).await.expect("a message in time");
        match message.unwrap().unwrap() {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Close(_) => panic!("closed"),
            _ => {}
        }
    }
}

pub async fn say(socket: &mut Socket, message: &ToStation) {
    socket.send(Message::Text(serde_json::to_string(message).unwrap().into())).await.unwrap();
}

/// A workstation without a port, on the line to `address`.
fn dial(dir: &std::path::Path, address: SocketAddr, token: &'static str) -> (Workstation, Receiver<LinkEvent>) {
    let (link, remote): (_, Remote) = link::pair();
    let config = Config {
        number: 3,
        name: Some("counter 3".into()),
        data_dir: dir.into(),
        drivers: drivers(),
        reader: None,
        bench: None,
        takes_drivers: false,
    };
    let workstation = Workstation::start(config, link).unwrap();
    let identity = workstation.identity();
    let (tell, events) = channel();
    let backoff = Backoff { first: Duration::from_millis(20), longest: Duration::from_millis(100) };
    tokio::spawn(async move {
        let url = format!("ws://{address}/api/v1/stations/link");
        run(&url, token, &identity, remote, backoff, |event| drop(tell.send(event))).await;
    });
    (workstation, events)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_station_greets_and_comes_back_after_a_loss() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let (_workstation, events) = dial(dir.path(), listener.local_addr().unwrap(), "secret");
    let server = Server::new();
    let mut keys = Vec::new();
    for _ in 0..3 {
        let mut socket = accept(&listener, "secret").await.unwrap();
        let FromStation::Hello(hello) = hear(&mut socket).await else { panic!("not a hello") };
        assert_eq!((hello.token.as_str(), hello.station_name.as_deref()), ("secret", Some("counter 3")));
        keys.push(hello.box_public_key);
        say(&mut socket, &ToStation::Welcome(server.welcome.clone())).await;
        let mut states = Vec::new();
        say(&mut socket, &ToStation::Ping).await;
        loop {
            match hear(&mut socket).await {
                FromStation::State(state) => states.push(state.state),
                FromStation::Pong if states.is_empty() => {}
                FromStation::Pong => break,
                other => panic!("{other:?}"),
            }
            if states.contains(&ReaderStatus::Absent) {
                break;
            }
        }
        assert_eq!(events.recv().unwrap(), LinkEvent::Connected);
        drop(socket);
        assert!(matches!(events.recv().unwrap(), LinkEvent::Down { refused: false, .. }));
    }
    assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_token_is_told_and_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let (_workstation, events) = dial(dir.path(), listener.local_addr().unwrap(), "wrong");
    assert!(accept(&listener, "secret").await.is_none());
    assert!(matches!(events.recv().unwrap(), LinkEvent::Down { refused: true, .. }));
    assert!(accept(&listener, "wrong").await.is_some());
}
