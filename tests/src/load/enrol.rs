//! Many stations enrolled, as a clerk does it: a workstation, its one-time code, and the station that brings the code.

use dianka_server::demo::client::Client;
use dianka_station::enrolment::{Enrolment, ServerPlace, StationKeys};
use dianka_station::link::dial::Dial;
use dianka_station::link::enrol::enrol;
use dianka_station::proto::{BoxKey, SignKey};
use dianka_station::workstation::Identity;
use dianka_tests::{Failure, items, text};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;

use super::ward::Ward;

/// So many at once. Each code is right the first time, so the pauses after wrong codes are not met.
const AT_ONCE: usize = 16;

/// Enrols so many stations, all in one sales point.
pub async fn stations(ward: &Ward, number: usize) -> Result<Vec<Enrolment>, Failure> {
    let site = text(items(&ward.client.get("/sites").await?).last().ok_or("no site")?, "/id")?;
    let (dial, url) = (ward.dial()?, ward.url());
    let one = |n| one(&ward.client, &dial, &url, &site, n);
    stream::iter(0..number).map(one).buffer_unordered(AT_ONCE).try_collect().await
}

async fn one(client: &Client, dial: &Dial, url: &str, site: &str, n: usize) -> Result<Enrolment, Failure> {
    let new = json!({ "site_id": site, "name": format!("窗口 {n}"), "number": n.saturating_add(100) });
    let made = client.post("/workstations", &new).await?;
    let code = text(&made, "/enrolment/code")?;
    let keys = StationKeys { sign: SignKey::generate(), seal: BoxKey::generate() };
    let hello = Identity::resting("load", keys.seal.public(), 0).hello();
    let enrolled = enrol(dial, &code, &keys.sign, hello, None).await?;
    let place = ServerPlace { server: url.to_owned(), ca: None, insecure_lan: false };
    Ok(Enrolment::new(keys, place, enrolled))
}
