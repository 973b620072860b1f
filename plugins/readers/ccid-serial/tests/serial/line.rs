//! Scripted lines: a port that answers by a script, and one that answers by a transcript.

use std::collections::VecDeque;

use dianka_ccid_serial::wire::Message;
use dianka_sdk::checksum::xor8;
use dianka_sdk::reader::{Level, Port, PortError, Settings};

/// What the reader does when a frame comes in.
pub enum Reply {
    /// Sends these bytes.
    Bytes(Vec<u8>),
    /// The port fails from then on.
    Closed,
}

/// Gives the reply to a frame; the first argument counts frames from 0.
type Answer = Box<dyn FnMut(usize, &[u8]) -> Reply>;

/// A port whose other end is a function.
pub struct Line {
    answer: Answer,
    /// Sends the host's frames back first.
    pub echo: bool,
    /// Every frame that was sent.
    pub sent: Vec<Vec<u8>>,
    /// What the line was set to.
    pub settings: Option<Settings>,
    /// What was logged.
    pub log: Vec<String>,
    input: VecDeque<u8>,
    closed: bool,
}

impl Line {
    pub fn new(answer: impl FnMut(usize, &[u8]) -> Reply + 'static) -> Self {
        Self {
            answer: Box::new(answer),
            echo: false,
            sent: Vec::new(),
            settings: None,
            log: Vec::new(),
            input: VecDeque::new(),
            closed: false,
        }
    }

    /// Puts bytes into the input before anything was asked.
    pub fn push(&mut self, bytes: &[u8]) {
        self.input.extend(bytes);
    }
}

impl Port for Line {
    fn configure(&mut self, settings: Settings) -> Result<(), PortError> {
        self.settings = Some(settings);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        if self.closed {
            return Err(PortError::Closed);
        }
        if self.echo {
            self.input.extend(bytes);
        }
        match (self.answer)(self.sent.len(), bytes) {
            Reply::Bytes(reply) => self.input.extend(reply),
            Reply::Closed => self.closed = true,
        }
        self.sent.push(bytes.to_vec());
        Ok(())
    }

    fn read(&mut self, len: u32, deadline_ms: u32) -> Result<Vec<u8>, PortError> {
        assert!(deadline_ms > 0, "a read without deadline");
        let wanted = usize::try_from(len).unwrap();
        if self.input.len() >= wanted {
            return Ok(self.input.drain(..wanted).collect());
        }
        if self.closed {
            return Err(PortError::Closed);
        }
        Err(PortError::Timeout(self.input.drain(..).collect()))
    }

    fn flush_input(&mut self) -> Result<(), PortError> {
        self.input.clear();
        Ok(())
    }

    fn log(&mut self, _: Level, message: &str) {
        self.log.push(message.to_owned());
    }
}

/// Pairs of frames of the host and of the reader.
pub fn transcript() -> Vec<(Vec<u8>, Vec<u8>)> {
    let text = include_str!("../data/gempctwin_sle4442.txt");
    let lines = text.lines().map(|line| {
        let (side, bytes) = line.trim().split_once(' ').unwrap();
        let bytes = bytes.split(' ').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect::<Vec<_>>();
        (side.to_owned(), bytes)
    });
    let lines = lines.collect::<Vec<_>>();
    lines
        .chunks(2)
        .map(|pair| match pair {
            [(h, host), (r, reader)] if h == "H" && r == "R" => (host.clone(), reader.clone()),
            other => panic!("not a pair of host and reader: {other:?}"),
        })
        .collect()
}

/// The frame under another sequence number.
pub fn renumbered(frame: &[u8], seq: u8) -> Vec<u8> {
    let mut frame = frame.to_vec();
    frame[8] = seq;
    let sum_at = frame.len() - 1;
    frame[sum_at] = xor8(&frame[..sum_at]);
    frame
}

/// Answers as the transcript's reader did, whatever the sequence number.
pub fn replay() -> Line {
    let pairs = transcript();
    Line::new(move |_, frame| {
        let seq = frame[8];
        let exact = pairs.iter().find(|(host, _)| host == frame);
        let found = exact.or_else(|| pairs.iter().find(|(host, _)| renumbered(host, seq) == frame));
        let (_, reader) = found.unwrap_or_else(|| panic!("the transcript has no {frame:02X?}"));
        Reply::Bytes(renumbered(reader, seq))
    })
}

/// A reader's answer to `frame` with these status and error bytes.
pub fn answer(kind: u8, frame: &[u8], status: [u8; 2], data: &[u8]) -> Vec<u8> {
    let [status, error] = status;
    Message { kind, seq: frame[8], specific: [status, error, 0], data: data.to_vec() }.to_wire()
}
