//! A serial port as a reader driver's session uses it: exact reads with deadlines, and a clear end when it is unplugged.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::time::{Duration, Instant};

use dianka_plugin_host::reader::{LineSettings, Parity, Port, PortError};
use serialport::{ClearBuffer, DataBits, StopBits};

use super::open::{OpenError, open};

/// The shortest wait that is handed to the system: a deadline that has just passed still takes what lies ready.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// An open serial port, locked against other programs for as long as it lives.
pub struct SerialLine {
    name: String,
    /// None once the line failed: it stays failed, so that a driver cannot go on over a cable that came back.
    port: Option<Box<dyn serialport::SerialPort>>,
    baud: Option<u32>,
}

impl SerialLine {
    /// Opens a port. With `baud` the line keeps that speed, whatever a driver proposes.
    ///
    /// # Errors
    /// Absent, busy, or no rights.
    pub fn open(name: &str, baud: Option<u32>) -> Result<Self, OpenError> {
        Ok(Self { name: name.into(), port: Some(open(name)?), baud })
    }

    fn port(&mut self) -> Result<&mut Box<dyn serialport::SerialPort>, PortError> {
        self.port.as_mut().ok_or(PortError::Closed)
    }

    /// The line failed for good.
    fn lost(&mut self, error: &dyn std::error::Error) -> PortError {
        tracing::info!(port = self.name, %error, "the port is gone");
        self.port = None;
        PortError::Closed
    }
}

impl Port for SerialLine {
    fn configure(&mut self, settings: LineSettings) -> Result<(), PortError> {
        let data_bits = match settings.data_bits {
            5 => DataBits::Five,
            6 => DataBits::Six,
            7 => DataBits::Seven,
            8 => DataBits::Eight,
            other => return Err(PortError::Denied(format!("no line has {other} data bits"))),
        };
        let stop_bits = match settings.stop_bits {
            1 => StopBits::One,
            2 => StopBits::Two,
            other => return Err(PortError::Denied(format!("no line has {other} stop bits"))),
        };
        let parity = match settings.parity {
            Parity::None => serialport::Parity::None,
            Parity::Even => serialport::Parity::Even,
            Parity::Odd => serialport::Parity::Odd,
        };
        let baud = self.baud.unwrap_or(settings.baud);
        let port = self.port()?;
        let done = port
            .set_baud_rate(baud)
            .and_then(|()| port.set_data_bits(data_bits))
            .and_then(|()| port.set_parity(parity))
            .and_then(|()| port.set_stop_bits(stop_bits));
        match done {
            Ok(()) => Ok(()),
            // The line does not do this speed or form; a cable that is gone says so at the next read.
            Err(error) if error.kind() == serialport::ErrorKind::InvalidInput => {
                Err(PortError::Denied(error.to_string()))
            }
            Err(error) => Err(self.lost(&error)),
        }
    }

    fn write(&mut self, bytes: &[u8], deadline: Instant) -> Result<(), PortError> {
        let mut left = bytes;
        while !left.is_empty() {
            let wait = left_until(deadline);
            let port = self.port()?;
            let written = set_wait(port.as_mut(), wait).and_then(|()| port.write(left));
            match written {
                Ok(0) => return Err(self.lost(&io::Error::from(ErrorKind::WriteZero))),
                Ok(count) => left = left.get(count..).unwrap_or_default(),
                Err(error) => self.missed(&error, deadline, &[])?,
            }
        }
        // Until the last bit has left, the reader cannot answer and its deadline should not run.
        match self.port()?.flush() {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::TimedOut => Err(PortError::Timeout(Vec::new())),
            Err(error) => Err(self.lost(&error)),
        }
    }

    fn read(&mut self, len: usize, deadline: Instant) -> Result<Vec<u8>, PortError> {
        let mut bytes = vec![0; len];
        let mut come = 0;
        while let Some(rest) = bytes.get_mut(come..).filter(|rest| !rest.is_empty()) {
            let wait = left_until(deadline);
            let port = self.port.as_mut().ok_or(PortError::Closed)?;
            match set_wait(port.as_mut(), wait).and_then(|()| port.read(rest)) {
                // A terminal that hangs up reads as its end.
                Ok(0) => return Err(self.lost(&io::Error::from(ErrorKind::UnexpectedEof))),
                Ok(count) => come += count,
                Err(error) => self.missed(&error, deadline, bytes.get(..come).unwrap_or_default())?,
            }
        }
        Ok(bytes)
    }

    fn flush_input(&mut self) -> Result<(), PortError> {
        match self.port()?.clear(ClearBuffer::Input) {
            Ok(()) => Ok(()),
            Err(error) => Err(self.lost(&error)),
        }
    }
}

impl SerialLine {
    /// A read or write that gave nothing: goes on while there is time, ends with what came when there is none.
    fn missed(&mut self, error: &io::Error, deadline: Instant, come: &[u8]) -> Result<(), PortError> {
        match error.kind() {
            ErrorKind::Interrupted => Ok(()),
            ErrorKind::TimedOut | ErrorKind::WouldBlock if Instant::now() < deadline => Ok(()),
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Err(PortError::Timeout(come.to_vec())),
            _ => Err(self.lost(error)),
        }
    }
}

fn left_until(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now()).max(SHORTEST_WAIT)
}

fn set_wait(port: &mut dyn serialport::SerialPort, wait: Duration) -> io::Result<()> {
    port.set_timeout(wait).map_err(io::Error::from)
}
