//! Many clients at once over HTTP/1.1, as light as can be: the load must not be what is measured.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dianka_tests::Failure;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Barrier;

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// From the first byte sent to the last one received.
    pub elapsed: Duration,
    /// Sales that were answered as authorised.
    pub authorised: u32,
    /// Everything else, by kind.
    pub other: BTreeMap<String, u32>,
    /// Of the authorised ones, sorted.
    pub latencies: Vec<Duration>,
}

impl Outcome {
    /// Latency that this share of the authorised sales did not exceed.
    pub fn percentile(&self, percent: usize) -> Duration {
        let at = self.latencies.len().saturating_sub(1).saturating_mul(percent) / 100;
        self.latencies.get(at).copied().unwrap_or_default()
    }

    fn take(&mut self, more: Outcome) {
        self.authorised += more.authorised;
        self.latencies.extend(more.latencies);
        for (kind, number) in more.other {
            *self.other.entry(kind).or_default() += number;
        }
    }
}

/// Sends `requests`, shared out evenly among `clients` connections that are open before the clock starts.
pub async fn fire(address: &str, clients: usize, requests: Vec<Vec<u8>>) -> Result<Outcome, Failure> {
    let share = requests.len().div_ceil(clients).max(1);
    let parts: Vec<Vec<Vec<u8>>> = requests.chunks(share).map(<[_]>::to_vec).collect();
    let start = Arc::new(Barrier::new(parts.len().saturating_add(1)));
    let mut running = Vec::new();
    for part in parts {
        let line = connect(address).await?;
        let start = Arc::clone(&start);
        let address = address.to_owned();
        running.push(tokio::spawn(async move {
            start.wait().await;
            one_client(&address, line, &part).await
        }));
    }
    start.wait().await;
    let begun = Instant::now();
    let mut all = Outcome::default();
    for client in running {
        all.take(client.await??);
    }
    all.elapsed = begun.elapsed();
    all.latencies.sort_unstable();
    Ok(all)
}

async fn connect(address: &str) -> Result<TcpStream, Failure> {
    let line = TcpStream::connect(address).await?;
    line.set_nodelay(true)?;
    Ok(line)
}

/// A connection that the server has closed between two requests is opened anew and the request sent again, as a browser
/// does: it carries its own id.
async fn one_client(address: &str, mut line: TcpStream, requests: &[Vec<u8>]) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::default();
    let mut buffer = Vec::with_capacity(8 * 1024);
    for request in requests {
        let asked = Instant::now();
        let kind = match ask(&mut line, request, &mut buffer).await {
            Ok(kind) => kind,
            Err(_) if buffer.is_empty() => {
                line = connect(address).await?;
                ask(&mut line, request, &mut buffer).await?
            }
            Err(other) => return Err(other),
        };
        if kind == "authorised" {
            outcome.authorised += 1;
            outcome.latencies.push(asked.elapsed());
        } else {
            *outcome.other.entry(kind).or_default() += 1;
        }
    }
    Ok(outcome)
}

async fn ask(line: &mut TcpStream, request: &[u8], buffer: &mut Vec<u8>) -> Result<String, Failure> {
    buffer.clear();
    line.write_all(request).await?;
    answer(line, buffer).await
}

/// Reads one answer; `authorised`, or what it was instead.
async fn answer(line: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<String, Failure> {
    let body_at = loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at.saturating_add(4);
        }
        if line.read_buf(buffer).await? == 0 {
            return Err("the server closed the connection".into());
        }
    };
    let head = String::from_utf8_lossy(buffer.get(..body_at).unwrap_or_default()).to_ascii_lowercase();
    let length = head.lines().find_map(|l| l.strip_prefix("content-length:")).ok_or("no content-length")?;
    let end = body_at.saturating_add(length.trim().parse::<usize>()?);
    while buffer.len() < end {
        if line.read_buf(buffer).await? == 0 {
            return Err("the server closed the connection".into());
        }
    }
    let body = buffer.get(body_at..end).unwrap_or_default();
    if head.starts_with("http/1.1 200") && holds(body, b"\"state\":\"authorised\"") {
        return Ok("authorised".into());
    }
    let status = head.get(9..12).unwrap_or("???");
    let again = if head.contains("retry-after:") { " with Retry-After" } else { "" };
    let problem: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let code = problem.get("code").or(problem.get("state")).and_then(|c| c.as_str()).unwrap_or_default();
    Ok(format!("{status} {code}{again}"))
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
