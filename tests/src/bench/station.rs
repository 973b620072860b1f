//! Stations that hold a card and never answer a ticket: the real link, with nobody at the reader.

use dianka_station::proto::{CardSeen, FromStation, Hello, Hex, Statement, ToStation};
use dianka_tests::Failure;
use futures_util::{SinkExt, StreamExt};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;

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
    for (workstation, sign, seal) in &world.stations {
        let (mut link, _) = tokio_tungstenite::connect_async(format!("ws://{address}/api/v1/stations/link")).await?;
        let challenge = link.next().await.ok_or("the link closed before the challenge")??;
        let ToStation::Challenge { nonce, .. } = serde_json::from_str(challenge.to_text()?)? else {
            return Err("the server does not begin with a challenge".into());
        };
        let hello = Hello {
            station_name: None,
            version: env!("CARGO_PKG_VERSION").into(),
            box_public_key: seal.public(),
            journal_seq: 0,
        };
        let greeting = Statement::Greeting {
            challenge: nonce,
            org: world.org,
            workstation_id: *workstation,
            sign_public_key: sign.public(),
            hello,
        };
        link.send(text(&FromStation::Signed(greeting.sign(sign)?))?).await?;
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
