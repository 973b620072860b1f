//! A reader with a CPU card in it, which the lab does not have: just enough serial CCID to say so.

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serialport::{SerialPort as _, TTYPort};

/// Answer to reset of a CPU card (T=0, no historical bytes).
const ATR: [u8; 4] = [0x3B, 0x60, 0x00, 0x00];

pub struct CpuCardReader {
    pub port: String,
    /// Whether the card is in the slot.
    present: Arc<AtomicBool>,
    /// Keeps the terminal there between two openings.
    _slave: TTYPort,
}

impl CpuCardReader {
    pub fn start() -> Self {
        let (mut master, slave) = TTYPort::pair().unwrap();
        let port = slave.name().unwrap();
        master.set_timeout(std::time::Duration::from_secs(60)).unwrap();
        // It ends with the test: its line fails when the slave is gone.
        let present = Arc::new(AtomicBool::new(true));
        let seen = Arc::clone(&present);
        std::thread::spawn(move || while answer(&mut master, seen.load(Ordering::Acquire)).is_ok() {});
        Self { port, present, _slave: slave }
    }

    pub fn remove(&self) {
        self.present.store(false, Ordering::Release);
    }
}

/// One frame in, one out: `03 06`, ten bytes of header, data, the exclusive-or of all.
fn answer(line: &mut TTYPort, present: bool) -> std::io::Result<()> {
    let mut head = [0; 12];
    line.read_exact(&mut head)?;
    let mut rest = vec![0; usize::from(head[3]) + 1];
    line.read_exact(&mut rest)?;
    // Present and not powered; powered after 62.
    let (kind, state, data): (u8, u8, &[u8]) = match head[2] {
        0x6B => (0x83, 1, b"GemTwin-V2.00"),
        0x62 => (0x80, 0, &ATR),
        0x6F => (0x80, 1, &[]),
        _ => (0x81, if present { 1 } else { 2 }, &[]),
    };
    let len = u8::try_from(data.len()).map_err(std::io::Error::other)?;
    let mut frame = vec![0x03, 0x06, kind, len, 0, 0, 0, 0, head[8], state, 0, 0];
    frame.extend_from_slice(data);
    frame.push(frame.iter().fold(0, |sum, byte| sum ^ byte));
    line.write_all(&frame)
}
