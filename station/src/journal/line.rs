//! One line of the journal: `crc sequence json`. The checksum runs on over the lines (each begins with the one
//! before), so a line that is lost, moved or changed in the middle is seen, not only a torn one. A journal that was
//! shortened begins with the number and the checksum that it goes on from.

use std::io;

use super::{Entry, JournalError};

pub(super) struct Line {
    pub(super) bytes: Vec<u8>,
    pub(super) chain: u32,
}

pub(super) fn write(seq: u64, chain: u32, entry: &Entry) -> io::Result<Line> {
    let json = serde_json::to_string(entry).map_err(io::Error::other)?;
    let tail = format!("{seq} {json}");
    let chain = checksum(chain, tail.as_bytes());
    Ok(Line { bytes: format!("{chain:08x} {tail}\n").into_bytes(), chain })
}

pub(super) struct Read {
    pub(super) entries: Vec<Entry>,
    pub(super) seq: u64,
    pub(super) chain: u32,
    /// Bytes up to the end of the last whole line.
    pub(super) good_bytes: usize,
}

/// Reads all lines. The last one may be torn; any other fault is damage.
pub(super) fn read(text: &[u8]) -> Result<Read, JournalError> {
    let mut read = Read { entries: Vec::new(), seq: 0, chain: 0, good_bytes: 0 };
    for (number, line) in (1..).zip(text.split_inclusive(|byte| *byte == b'\n')) {
        let is_last = read.good_bytes + line.len() == text.len();
        let (seq, chain) = if number == 1 { first(line).unwrap_or((1, 0)) } else { (read.seq + 1, read.chain) };
        match parse(line, seq, chain) {
            Some((entry, chain)) => {
                read.entries.push(entry);
                read.seq = seq;
                read.chain = chain;
                read.good_bytes += line.len();
            }
            None if is_last => break,
            None => return Err(JournalError::Damaged { line: number }),
        }
    }
    Ok(read)
}

/// Number and former checksum of the first line of a shortened journal, as it says itself; its checksum proves it.
fn first(line: &[u8]) -> Option<(u64, u32)> {
    let line = std::str::from_utf8(line.strip_suffix(b"\n")?).ok()?;
    let mut parts = line.splitn(3, ' ').skip(1);
    let (number, json) = (parts.next()?.parse().ok()?, parts.next()?);
    match serde_json::from_str(json).ok()? {
        Entry::Shortened { after, .. } => Some((number, after)),
        _ => None,
    }
}

fn parse(line: &[u8], seq: u64, chain: u32) -> Option<(Entry, u32)> {
    let line = std::str::from_utf8(line.strip_suffix(b"\n")?).ok()?;
    let (crc, tail) = line.split_once(' ')?;
    let stated = u32::from_str_radix(crc, 16).ok()?;
    let chain = checksum(chain, tail.as_bytes());
    let (number, json) = tail.split_once(' ')?;
    if stated != chain || number.parse::<u64>().ok()? != seq {
        return None;
    }
    Some((serde_json::from_str(json).ok()?, chain))
}

fn checksum(chain: u32, tail: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&chain.to_be_bytes());
    hasher.update(tail);
    hasher.finalize()
}
