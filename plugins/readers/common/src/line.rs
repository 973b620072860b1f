//! Reading from a line on which anything may be lost.

use dianka_sdk::reader::{Port, PortError};

/// Bytes within a frame follow one another without pauses; this is generous.
pub const GAP_MS: u32 = 500;
/// What each byte may add to that: a line at 9600 takes one, a slow converter more.
const BYTE_MS: u32 = 15;
/// A frame goes out at most so often.
pub const TRIES: u32 = 3;
/// Stray bytes that may stand before a frame.
pub const STRAY_MAX: u32 = 600;
/// A line that is quiet for so long has nothing more to say about what was lost.
const QUIET_MS: u32 = 200;
/// What one look takes at most, and looks until a line that never falls quiet is given up.
const LOOK: u32 = 4096;
const LOOKS_MAX: u32 = 8;

/// Why nothing came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// Nothing at all came in time.
    Silence,
    /// Something came that is no frame of this protocol.
    Garbage,
    /// A frame came that is damaged, or the reader never understood ours.
    Damaged,
    /// The port failed.
    Port(PortError),
}

impl Lost {
    /// Silence in the middle of a frame is damage.
    #[must_use]
    pub fn inside(self) -> Self {
        if self == Self::Silence { Self::Damaged } else { self }
    }
}

/// One byte within `wait_ms`.
///
/// # Errors
/// [`Lost::Silence`], [`Lost::Port`].
pub fn byte<P: Port>(port: &mut P, wait_ms: u32) -> Result<u8, Lost> {
    match port.read(1, wait_ms) {
        Ok(bytes) => bytes.first().copied().ok_or(Lost::Silence),
        Err(PortError::Timeout(_)) => Err(Lost::Silence),
        Err(error) => Err(Lost::Port(error)),
    }
}

/// The next `len` bytes of a frame that has begun.
///
/// # Errors
/// [`Lost::Damaged`], [`Lost::Port`].
pub fn exactly<P: Port>(port: &mut P, len: usize) -> Result<Vec<u8>, Lost> {
    let wanted = u32::try_from(len).unwrap_or(u32::MAX);
    match port.read(wanted, GAP_MS.saturating_add(wanted.min(1024).saturating_mul(BYTE_MS))) {
        Ok(bytes) if bytes.len() == len => Ok(bytes),
        Ok(_) | Err(PortError::Timeout(_)) => Err(Lost::Damaged),
        Err(error) => Err(Lost::Port(error)),
    }
}

/// Takes what has come in and nobody asked for, without waiting.
///
/// # Errors
/// [`Lost::Port`].
pub fn pending<P: Port>(port: &mut P) -> Result<Vec<u8>, Lost> {
    collect(port, 1)
}

/// Takes everything until the line falls quiet: after something was lost, a late answer must not pass for the next
/// one's.
///
/// # Errors
/// [`Lost::Port`].
pub fn settle<P: Port>(port: &mut P) -> Result<Vec<u8>, Lost> {
    collect(port, QUIET_MS)
}

fn collect<P: Port>(port: &mut P, wait_ms: u32) -> Result<Vec<u8>, Lost> {
    let mut all = Vec::new();
    for _ in 0..LOOKS_MAX {
        match port.read(LOOK, wait_ms) {
            Ok(bytes) => all.extend(bytes),
            Err(PortError::Timeout(bytes)) if bytes.is_empty() => break,
            Err(PortError::Timeout(bytes)) => all.extend(bytes),
            Err(error) => return Err(Lost::Port(error)),
        }
    }
    Ok(all)
}
