//! One request over a connection of its own.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use dianka_station::link::tls;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{HOST, LOCATION};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{Address, PushError};

/// For the way to the server.
const CONNECT: Duration = Duration::from_secs(20);
/// For the answer: a server tries a driver for a minute at most.
const ANSWER: Duration = Duration::from_secs(180);
/// A report is some ten kilobytes.
const MOST_ANSWER: usize = 4 * 1024 * 1024;

/// What a server answers.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) text: String,
    /// Where it sends the asker instead.
    pub(super) elsewhere: Option<String>,
}

/// A server, and whom its name is believed.
pub(super) struct Client {
    address: Address,
    tls: Option<Arc<rustls::ClientConfig>>,
}

impl Client {
    /// `ca`: a file with the certificate that the server's is signed by, instead of those that this computer trusts.
    pub(super) fn new(address: Address, ca: Option<&Path>) -> Result<Self, PushError> {
        let tls = if address.tls { Some(tls::config(ca)?) } else { None };
        Ok(Self { address, tls })
    }

    /// Posts `body` to the path of the interface.
    pub(super) async fn post(&self, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Result<Answer, PushError> {
        let lost = |why: String| PushError::Lost { at: self.address.to_string(), why };
        let mut request = Request::post(format!("{}{path}", self.address.path)).header(HOST, &self.address.authority);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::from(body))).map_err(|why| lost(why.to_string()))?;
        let wire = self.connect().await?;
        match &self.tls {
            Some(config) => self.exchange(self.secure(config, wire).await?, request).await,
            None => self.exchange(wire, request).await,
        }
    }

    async fn connect(&self) -> Result<TcpStream, PushError> {
        let nobody = |why| PushError::NoAnswer { at: self.address.to_string(), why };
        let connecting = TcpStream::connect((self.address.host.as_str(), self.address.port));
        match tokio::time::timeout(CONNECT, connecting).await {
            Ok(connected) => connected.map_err(nobody),
            Err(_) => Err(nobody(io::ErrorKind::TimedOut.into())),
        }
    }

    async fn secure(
        &self,
        config: &Arc<rustls::ClientConfig>,
        wire: TcpStream,
    ) -> Result<impl AsyncRead + AsyncWrite + Unpin + Send + 'static, PushError> {
        let not_tls = |why: io::Error| {
            let untrusted = why.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
            match untrusted {
                Some(rustls::Error::InvalidCertificate(why)) => {
                    PushError::Untrusted { at: self.address.to_string(), why: why.to_string() }
                }
                _ => PushError::NotTls {
                    at: self.address.to_string(),
                    plain: Address { tls: false, ..self.address.clone() }.to_string(),
                },
            }
        };
        let name = ServerName::try_from(self.address.host.clone())
            .map_err(|_| PushError::Address(self.address.to_string()))?;
        match tokio::time::timeout(CONNECT, TlsConnector::from(Arc::clone(config)).connect(name, wire)).await {
            Ok(secured) => secured.map_err(not_tls),
            Err(_) => Err(not_tls(io::ErrorKind::TimedOut.into())),
        }
    }

    async fn exchange(
        &self,
        wire: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        request: Request<Full<Bytes>>,
    ) -> Result<Answer, PushError> {
        let lost = |why: String| PushError::Lost { at: self.address.to_string(), why };
        let talk = async {
            let (mut sender, connection) =
                http1::handshake(TokioIo::new(wire)).await.map_err(|why| lost(why.to_string()))?;
            // It ends with the connection, which nothing else uses.
            let driving = tokio::spawn(connection);
            let answer = sender.send_request(request).await.map_err(|why| lost(why.to_string()))?;
            let status = answer.status();
            let elsewhere = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok()).map(str::to_owned);
            let body = Limited::new(answer.into_body(), MOST_ANSWER).collect().await;
            let body = body.map_err(|why| lost(why.to_string()))?.to_bytes();
            driving.abort();
            Ok(Answer { status, text: String::from_utf8_lossy(&body).into_owned(), elsewhere })
        };
        match tokio::time::timeout(ANSWER, talk).await {
            Ok(answer) => answer,
            Err(_) => Err(lost(format!("no answer within {} s", ANSWER.as_secs()))),
        }
    }
}
