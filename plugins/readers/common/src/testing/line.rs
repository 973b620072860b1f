//! A port whose other end is a function, with a clock of its own.

use std::collections::VecDeque;

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

/// What a reader says to a frame.
pub type Reader = Box<dyn FnMut(&[u8]) -> Vec<u8>>;

/// What happens to an answer on its way. The reader has done what it was told.
#[derive(Clone, Copy, Debug)]
pub enum Damage {
    Lost,
    /// Only so many bytes come.
    Cut(usize),
    /// One bit of this byte is turned.
    Flip(usize),
}

/// Damage to the answers of these frames.
#[derive(Clone, Debug)]
pub struct Trouble {
    pub frames: std::ops::Range<usize>,
    pub damage: Damage,
}

pub struct Line {
    answer: Answer,
    /// Sends the host's frames back first.
    pub echo: bool,
    /// Every frame that was sent.
    pub sent: Vec<Vec<u8>>,
    /// What the line was set to, in order.
    pub settings: Vec<Settings>,
    /// What was logged.
    pub log: Vec<String>,
    pub trouble: Option<Trouble>,
    /// Milliseconds until an answer begins, and between its bytes.
    pub delay_ms: u64,
    pub pace_ms: u64,
    input: VecDeque<(u64, u8)>,
    now_ms: u64,
    closed: bool,
}

impl Line {
    pub fn new(answer: impl FnMut(usize, &[u8]) -> Reply + 'static) -> Self {
        Self {
            answer: Box::new(answer),
            echo: false,
            sent: Vec::new(),
            settings: Vec::new(),
            log: Vec::new(),
            trouble: None,
            delay_ms: 0,
            pace_ms: 0,
            input: VecDeque::new(),
            now_ms: 0,
            closed: false,
        }
    }

    /// A line whose reader answers every frame so.
    pub fn saying(mut reply: impl FnMut(&[u8]) -> Vec<u8> + 'static) -> Self {
        Self::new(move |_, frame| Reply::Bytes(reply(frame)))
    }

    /// Puts bytes into the input, without anything having been asked.
    pub fn push(&mut self, bytes: &[u8]) {
        let start = self.input.back().map_or(0, |(at, _)| *at).max(self.now_ms + self.delay_ms);
        for (number, byte) in (1..).zip(bytes) {
            self.input.push_back((start + number * self.pace_ms, *byte));
        }
    }
}

impl Port for Line {
    fn configure(&mut self, settings: Settings) -> Result<(), PortError> {
        self.settings.push(settings);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        if self.closed {
            return Err(PortError::Closed);
        }
        if self.echo {
            self.push(bytes);
        }
        let number = self.sent.len();
        self.sent.push(bytes.to_vec());
        let mut reply = match (self.answer)(number, bytes) {
            Reply::Bytes(reply) => reply,
            Reply::Closed => {
                self.closed = true;
                Vec::new()
            }
        };
        match self.trouble.as_ref().filter(|trouble| trouble.frames.contains(&number)).map(|trouble| trouble.damage) {
            Some(Damage::Lost) => reply.clear(),
            Some(Damage::Cut(len)) => reply.truncate(len),
            Some(Damage::Flip(at)) if !reply.is_empty() => {
                let at = at % reply.len();
                reply[at] ^= 0x40;
            }
            _ => {}
        }
        self.push(&reply);
        Ok(())
    }

    fn read(&mut self, len: u32, deadline_ms: u32) -> Result<Vec<u8>, PortError> {
        assert!(deadline_ms > 0, "a read without deadline");
        assert!(len <= 4096, "more than a port gives");
        let wanted = usize::try_from(len).unwrap();
        let end = self.now_ms + u64::from(deadline_ms);
        let there = self.input.iter().take_while(|(at, _)| *at <= end).count();
        if there >= wanted {
            let came = self.input.drain(..wanted).collect::<Vec<_>>();
            self.now_ms = came.last().map_or(self.now_ms, |(at, _)| self.now_ms.max(*at));
            return Ok(came.into_iter().map(|(_, byte)| byte).collect());
        }
        if self.closed {
            return Err(PortError::Closed);
        }
        self.now_ms = end;
        Err(PortError::Timeout(self.input.drain(..there).map(|(_, byte)| byte).collect()))
    }

    fn flush_input(&mut self) -> Result<(), PortError> {
        let now = self.now_ms;
        self.input.retain(|(at, _)| *at > now);
        Ok(())
    }

    fn log(&mut self, _: Level, message: &str) {
        self.log.push(message.to_owned());
    }
}

/// Bytes from a text such as `02 6F 05`.
pub fn hex(text: &str) -> Vec<u8> {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}
