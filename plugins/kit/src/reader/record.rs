//! Writes down what a driver and a real reader say to each other.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use dianka_plugin_host::reader::{LineSettings, Port, PortError, ReaderCallError, ReaderDriver};

use dianka_plugin_package::Notice;

use super::play::make;
use super::transcript::{Answer, Call, Step, Transcript};
use crate::told::Told;
use crate::words::reader_called;

/// Why there is no transcript.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The driver failed, not the reader.
    #[error("{call}: {error}")]
    Driver {
        /// During this call.
        call: String,
        /// How.
        error: ReaderCallError,
    },
}

impl Told for RecordError {
    fn notice(&self) -> Notice {
        let Self::Driver { call, error } = self;
        let why = reader_called(error);
        Notice::new(
            "driver-fails",
            format!("驱动在 {call} 时出错：{}", why.zh),
            format!("the driver fails at {call}: {}", why.en),
        )
    }
}

/// Makes `calls` over `port` and writes down what was said and answered.
pub fn record(
    driver: &ReaderDriver,
    port: Box<dyn Port>,
    calls: &[Call],
    name: &str,
) -> Result<Transcript, RecordError> {
    let steps: Arc<Mutex<Vec<Step>>> = Arc::default();
    let failed = |call: &str, error| RecordError::Driver { call: call.to_owned(), error };
    let recorder = Recorder { port, steps: Arc::clone(&steps) };
    let mut session = driver.open(Box::new(recorder)).map_err(|error| failed("open", error))?;
    let mut all = Vec::new();
    for call in calls {
        let answer = match make(&mut session, call) {
            Ok(answer) => answer,
            Err(ReaderCallError::Reader(error)) => Answer::Error(error.kind),
            Err(error) => return Err(failed(&call.to_string(), error)),
        };
        all.push(Step::Call(call.clone(), answer));
        all.append(&mut steps.lock().unwrap_or_else(PoisonError::into_inner));
    }
    Ok(Transcript { name: name.to_owned(), steps: all })
}

/// A port that remembers. Bytes that come in pieces are one step.
struct Recorder {
    port: Box<dyn Port>,
    steps: Arc<Mutex<Vec<Step>>>,
}

impl Recorder {
    fn heard(&self, bytes: &[u8]) {
        let mut steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        match steps.last_mut() {
            Some(Step::Reader(said)) => said.extend_from_slice(bytes),
            _ if bytes.is_empty() => {}
            _ => steps.push(Step::Reader(bytes.to_vec())),
        }
    }
}

impl Port for Recorder {
    fn configure(&mut self, settings: LineSettings) -> Result<(), PortError> {
        self.port.configure(settings)
    }

    fn write(&mut self, bytes: &[u8], deadline: Instant) -> Result<(), PortError> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner).push(Step::Host(bytes.to_vec()));
        self.port.write(bytes, deadline)
    }

    fn read(&mut self, len: usize, deadline: Instant) -> Result<Vec<u8>, PortError> {
        let answer = self.port.read(len, deadline);
        match &answer {
            Ok(bytes) | Err(PortError::Timeout(bytes)) => self.heard(bytes),
            Err(PortError::Closed | PortError::Denied(_)) => {}
        }
        answer
    }

    fn flush_input(&mut self) -> Result<(), PortError> {
        self.port.flush_input()
    }
}
