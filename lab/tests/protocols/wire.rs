//! A host at the other end of a line, which knows bytes and no protocol.

use dianka_lab::card::Card;
use dianka_lab::reader::{Protocol, ReaderOptions, ReaderSim};
use serialport::SerialPort;
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

/// Bytes as the documents print them.
pub fn hex(text: &str) -> Vec<u8> {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

pub fn xor(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum ^ byte)
}

/// An open port.
pub struct Wire {
    port: Box<dyn SerialPort>,
}

impl Wire {
    pub fn open(path: &Path) -> Self {
        Self { port: serialport::new(path.to_str().unwrap(), 9_600).timeout(Duration::from_secs(10)).open().unwrap() }
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.port.write_all(bytes).unwrap();
    }

    /// Exactly so many bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.port.read_exact(&mut bytes).unwrap();
        bytes
    }

    /// Bytes up to this one.
    pub fn until(&mut self, end: u8) -> Vec<u8> {
        let mut all = self.bytes(1);
        while all.last() != Some(&end) {
            all.extend(self.bytes(1));
        }
        all
    }

    /// Whatever comes until nothing has come for a while.
    pub fn rest(&mut self) -> Vec<u8> {
        self.port.set_timeout(Duration::from_millis(300)).unwrap();
        let mut all = Vec::new();
        let mut buffer = [0; 64];
        while let Ok(count) = self.port.read(&mut buffer) {
            all.extend(&buffer[..count]);
        }
        self.port.set_timeout(Duration::from_secs(10)).unwrap();
        all
    }

    /// Sends what the host says, and expects what the reader says.
    pub fn exchange(&mut self, asked: &str, answered: &str) {
        self.send(&hex(asked));
        let expected = hex(answered);
        assert_eq!(self.bytes(expected.len()), expected, "to {asked}");
    }
}

/// A faultless reader of this protocol with this card in it, and its open port.
pub fn reader(protocol: Protocol, card: impl Into<Card>) -> (ReaderSim, Wire) {
    let sim = ReaderSim::spawn(None, ReaderOptions::of(protocol)).unwrap();
    sim.insert(card).unwrap();
    let wire = Wire::open(&sim.port_path());
    (sim, wire)
}

/// What the card in the reader holds at an address.
pub fn holds(sim: &ReaderSim, address: usize, length: usize) -> Vec<u8> {
    sim.look(|card| card.image()[address..address + length].to_vec()).unwrap()
}
