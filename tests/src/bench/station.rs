//! Stations that hold a card and never answer a ticket: the real link, with nobody at the reader.

use dianka_station::proto::{BoxKey, CardSeen, FromStation, Hello, Hex};
use dianka_tests::Failure;
use futures_util::{SinkExt, StreamExt};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;

use super::quotes::BLANK;
use super::world::World;

/// The links; they end with it.
pub struct Stations(Vec<JoinHandle<()>>);

impl Drop for Stations {
    fn drop(&mut self) {
        for link in &self.0 {
            link.abort();
        }
    }
}

/// Dials in as every workstation of the world and shows a blank card.
pub async fn dial(address: &str, world: &World) -> Result<Stations, Failure> {
    let mut links = Vec::new();
    for token in &world.tokens {
        let mut request = format!("ws://{address}/api/v1/stations/link").into_client_request()?;
        request.headers_mut().insert("authorization", HeaderValue::from_str(&format!("Bearer {token}"))?);
        let (mut link, _) = tokio_tungstenite::connect_async(request).await?;
        let hello = Hello {
            token: token.clone(),
            station_name: None,
            version: env!("CARGO_PKG_VERSION").into(),
            box_public_key: BoxKey::generate().public(),
            journal_seq: 0,
        };
        link.send(text(&FromStation::Hello(hello))?).await?;
        // The greeting: from now on cards are listened to.
        link.next().await.ok_or("the link closed before the greeting")??;
        let card =
            CardSeen { session: world.session, chip: "sle4442".into(), image: Hex(BLANK.to_vec()), tries: Some(3) };
        link.send(text(&FromStation::CardIn(card))?).await?;
        links.push(tokio::spawn(async move { while let Some(Ok(_)) = link.next().await {} }));
    }
    Ok(Stations(links))
}

fn text(message: &FromStation) -> Result<Message, Failure> {
    Ok(Message::text(serde_json::to_string(message)?))
}
