//! What a reader driver of contract major 1 can call: its port and the log.

use std::time::{Duration, Instant};

use super::reader::bindings::dianka::reader::{log, port};
use crate::limits::{Tallied, Tally};
use crate::reader::{LineSettings, Parity, Port, PortError};

/// Most bytes of one read or write.
const MAX_TRANSFER: usize = 4096;

/// Longest write that a driver may wait for: 4096 bytes at 9600 baud take 4.3 s.
const WRITE_TIME: Duration = Duration::from_secs(10);

/// Log lines of one call, and bytes of one line.
const MAX_LOG_LINES: u32 = 32;
const MAX_LOG_BYTES: usize = 512;

/// Data of a reader's store.
pub(super) struct Guest {
    pub(super) tally: Tally,
    /// Whose log lines these are.
    pub(super) label: String,
    pub(super) port: Box<dyn Port>,
    pub(super) log_lines: u32,
}

impl Tallied for Guest {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }
}

impl Guest {
    /// Waits on the port, free of charge.
    fn on_port<R>(&mut self, work: impl FnOnce(&mut dyn Port) -> Result<R, PortError>) -> Result<R, port::PortError> {
        let port = &mut self.port;
        self.tally.free_of_charge(|| work(port.as_mut())).map_err(port_error)
    }

    /// When the host gives up on something that the driver wants within `want`. Traps when the call is long over.
    fn deadline(&self, want: Duration) -> wasmtime::Result<Instant> {
        Ok(self.tally.wait_until(want)?)
    }
}

fn port_error(error: PortError) -> port::PortError {
    match error {
        PortError::Timeout(bytes) => port::PortError::Timeout(bytes),
        PortError::Closed => port::PortError::Closed,
        PortError::Denied(reason) => port::PortError::Denied(reason),
    }
}

impl port::Host for Guest {
    fn configure(&mut self, settings: port::Settings) -> wasmtime::Result<Result<(), port::PortError>> {
        self.deadline(Duration::ZERO)?;
        let settings = line_settings(settings);
        Ok(self.on_port(|port| port.configure(settings)))
    }

    fn write(&mut self, bytes: Vec<u8>) -> wasmtime::Result<Result<(), port::PortError>> {
        let deadline = self.deadline(WRITE_TIME)?;
        if bytes.len() > MAX_TRANSFER {
            return Ok(Err(port::PortError::TooLarge));
        }
        Ok(self.on_port(|port| port.write(&bytes, deadline)))
    }

    fn read(&mut self, len: u32, deadline_ms: u32) -> wasmtime::Result<Result<Vec<u8>, port::PortError>> {
        let deadline = self.deadline(Duration::from_millis(deadline_ms.into()))?;
        match usize::try_from(len) {
            Ok(len) if len <= MAX_TRANSFER => Ok(self.on_port(|port| port.read(len, deadline))),
            _ => Ok(Err(port::PortError::TooLarge)),
        }
    }

    fn flush_input(&mut self) -> wasmtime::Result<Result<(), port::PortError>> {
        self.deadline(Duration::ZERO)?;
        Ok(self.on_port(|port| port.flush_input()))
    }
}

impl log::Host for Guest {
    fn log(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        self.log_lines = self.log_lines.saturating_add(1);
        if self.log_lines > MAX_LOG_LINES {
            return Ok(());
        }
        let (driver, message) = (&self.label, shortened(&message));
        match level {
            log::Level::Debug => tracing::debug!(target: "dianka::driver", driver, "{message}"),
            log::Level::Info => tracing::info!(target: "dianka::driver", driver, "{message}"),
            log::Level::Warn => tracing::warn!(target: "dianka::driver", driver, "{message}"),
            log::Level::Error => tracing::error!(target: "dianka::driver", driver, "{message}"),
        }
        if self.log_lines == MAX_LOG_LINES {
            tracing::warn!(target: "dianka::driver", driver, "the rest of this call's log is dropped");
        }
        Ok(())
    }
}

/// One line of bounded length, without the control characters that could forge another line.
fn shortened(message: &str) -> String {
    let end = message.floor_char_boundary(MAX_LOG_BYTES);
    message.get(..end).unwrap_or_default().chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn line_settings(settings: port::Settings) -> LineSettings {
    LineSettings {
        baud: settings.baud,
        data_bits: settings.data_bits,
        parity: match settings.parity {
            port::Parity::None => Parity::None,
            port::Parity::Even => Parity::Even,
            port::Parity::Odd => Parity::Odd,
        },
        stop_bits: settings.stop_bits,
    }
}

pub(super) fn line_settings_of(settings: &port::Settings) -> LineSettings {
    line_settings(*settings)
}

/// Granted while a driver only describes itself.
pub(super) struct NoPort;

impl NoPort {
    fn denied<T>() -> Result<T, PortError> {
        Err(PortError::Denied("no port is granted while a driver describes itself".to_owned()))
    }
}

impl Port for NoPort {
    fn configure(&mut self, _: LineSettings) -> Result<(), PortError> {
        Self::denied()
    }

    fn write(&mut self, _: &[u8], _: Instant) -> Result<(), PortError> {
        Self::denied()
    }

    fn read(&mut self, _: usize, _: Instant) -> Result<Vec<u8>, PortError> {
        Self::denied()
    }

    fn flush_input(&mut self) -> Result<(), PortError> {
        Self::denied()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::log::Host;
    use super::*;
    use crate::limits;

    /// Counts lines.
    struct Counter(Arc<AtomicU32>);

    impl Subscriber for Counter {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, _: &Event<'_>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn a_flood_of_log_lines_is_cut_off() {
        let tally = Tally::new(&Arc::default(), limits::reader(WRITE_TIME));
        let mut guest = Guest { tally, label: "toy".to_owned(), port: Box::new(NoPort), log_lines: 0 };
        let lines = Arc::default();
        tracing::subscriber::with_default(Counter(Arc::clone(&lines)), || {
            for _ in 0..1000 {
                guest.log(log::Level::Info, "again".to_owned()).unwrap();
            }
        });
        // And one that says so.
        assert_eq!(lines.load(Ordering::Relaxed), MAX_LOG_LINES + 1);
    }

    #[test]
    fn log_lines_are_short_and_single() {
        assert_eq!(shortened("a\nb\u{1b}[2J"), "a b [2J");
        assert_eq!(shortened(&"电".repeat(300)).len(), 510);
    }
}
