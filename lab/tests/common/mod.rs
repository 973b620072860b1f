//! A host at the other end of a simulated reader's line.

use serialport::SerialPort;
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

/// A host that has the port open.
pub struct Host {
    pub port: Box<dyn SerialPort>,
    pub slot: u8,
    echo: bool,
    sequence: u8,
}

impl Host {
    /// Opens the port.
    pub fn open(path: &Path, echo: bool) -> Self {
        let port = serialport::new(path.to_str().unwrap(), 115_200).timeout(Duration::from_secs(10)).open().unwrap();
        Self { port, echo, slot: 0, sequence: 0 }
    }

    /// Sends bytes and takes the echo off the line.
    pub fn send(&mut self, frame: &[u8]) {
        self.port.write_all(frame).unwrap();
        if self.echo {
            assert_eq!(self.bytes(frame.len()), frame, "the echo");
        }
    }

    /// Exactly so many bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.port.read_exact(&mut bytes).unwrap();
        bytes
    }

    /// A framed message with the next sequence number.
    pub fn frame(&mut self, kind: u8, specific: u8, data: &[u8]) -> Vec<u8> {
        let length = u8::try_from(data.len()).unwrap();
        let mut frame = vec![3, 6, kind, length, 0, 0, 0, self.slot, self.sequence, specific, 0, 0];
        self.sequence = self.sequence.wrapping_add(1);
        frame.extend(data);
        frame.push(frame.iter().fold(0, |sum, byte| sum ^ byte));
        frame
    }

    /// Sends a message, answers kind, status, error and data of the reply.
    pub fn ask(&mut self, kind: u8, specific: u8, data: &[u8]) -> (u8, u8, u8, Vec<u8>) {
        let frame = self.frame(kind, specific, data);
        self.send(&frame);
        let head = self.bytes(12);
        assert_eq!((head[0], head[1], head[8]), (3, 6, frame[8]));
        let mut tail = self.bytes(usize::from(u16::from_le_bytes([head[3], head[4]])) + 1);
        let sum = tail.pop().unwrap();
        assert_eq!(sum, head.iter().chain(&tail).fold(0, |sum, byte| sum ^ byte));
        (head[2], head[9], head[10], tail)
    }

    /// An APDU that must reach the card, answers data and status words.
    pub fn apdu(&mut self, apdu: &[u8]) -> Vec<u8> {
        let (kind, status, error, data) = self.ask(0x6F, 0, apdu);
        assert_eq!((kind, status, error), (0x80, 0, 0), "APDU {apdu:02X?}");
        data
    }

    /// Powers, selects and, if asked, opens a card with the transport code.
    pub fn start(&mut self, present: bool) {
        assert_eq!(self.ask(0x62, 1, &[]).3, [0x3B, 0x04, 0xA2, 0x13, 0x10, 0x91]);
        assert_eq!(self.apdu(&[0xFF, 0xA4, 0, 0, 1, 6]), [0x90, 0x00]);
        if present {
            assert_eq!(self.apdu(&[0xFF, 0x20, 0, 0, 3, 0xFF, 0xFF, 0xFF]), [0x90, 0x07]);
        }
    }
}
