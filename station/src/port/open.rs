//! Opening a serial port, and saying clearly why it does not open.

use std::time::Duration;

use crate::proto::{PortAnswer, ReaderStatus};

/// Why a port does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// There is no such port, or what is there is no serial port.
    #[error("no such serial port: {0}")]
    Absent(String),
    /// Another program holds it.
    #[error("the port is in use by another program: {0}")]
    Busy(String),
    /// This program may not open it.
    #[error("no right to open the port: {0}")]
    NoRights(String),
}

impl OpenError {
    /// As a port test answers it.
    #[must_use]
    pub fn answer(&self) -> PortAnswer {
        match self {
            Self::Absent(_) => PortAnswer::Absent,
            Self::Busy(_) => PortAnswer::PortBusy,
            Self::NoRights(_) => PortAnswer::NoPermission,
        }
    }

    /// As the reader's state shows it.
    #[must_use]
    pub fn status(&self) -> ReaderStatus {
        match self {
            Self::Absent(_) => ReaderStatus::Absent,
            Self::Busy(_) => ReaderStatus::Busy,
            Self::NoRights(_) => ReaderStatus::NoRights,
        }
    }
}

/// Line speed until the driver configures its own.
const FIRST_BAUD: u32 = 9600;

/// Opens a port and locks it against other programs, with DTR and RTS raised (some readers live on them; a
/// pseudo-terminal has no such lines, and does not need them).
pub(super) fn open(path: &str) -> Result<Box<dyn serialport::SerialPort>, OpenError> {
    let builder = serialport::new(path, FIRST_BAUD).timeout(Duration::from_millis(100));
    // Elsewhere a port is never shared.
    #[cfg(unix)]
    let builder = builder.exclusive(true);
    let mut port = builder.open().map_err(|error| classify(path, &error))?;
    for raised in [port.write_data_terminal_ready(true), port.write_request_to_send(true)] {
        if let Err(error) = raised {
            tracing::debug!(port = path, %error, "the port has no modem lines");
        }
    }
    Ok(port)
}

fn classify(path: &str, error: &serialport::Error) -> OpenError {
    use serialport::ErrorKind;
    match error.kind() {
        // What the library calls "no device" is EBUSY or a failed lock: somebody else has it.
        ErrorKind::NoDevice => OpenError::Busy(error.to_string()),
        ErrorKind::Io(std::io::ErrorKind::PermissionDenied) => OpenError::NoRights(error.to_string()),
        ErrorKind::Io(std::io::ErrorKind::NotFound) => OpenError::Absent(error.to_string()),
        _ => look_again(path, error),
    }
}

/// The library does not tell the other reasons apart; the system does. Only after a failure, since opening a port
/// moves its modem lines.
#[cfg(unix)]
fn look_again(path: &str, error: &serialport::Error) -> OpenError {
    use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};

    use nix::errno::Errno;
    use nix::fcntl::OFlag;

    match std::fs::metadata(path) {
        Ok(file) if !file.file_type().is_char_device() => return OpenError::Absent("not a serial port".into()),
        Ok(_) => {}
        Err(missing) => return OpenError::Absent(missing.to_string()),
    }
    let flags = OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
    let opened = std::fs::OpenOptions::new().read(true).write(true).custom_flags(flags.bits()).open(path);
    match opened {
        Ok(_) => OpenError::Absent(format!("not a serial port: {error}")),
        Err(cause) => match cause.raw_os_error().map(Errno::from_raw) {
            Some(Errno::EPERM | Errno::EACCES) => OpenError::NoRights(cause.to_string()),
            Some(Errno::EBUSY) => OpenError::Busy(cause.to_string()),
            _ => OpenError::Absent(cause.to_string()),
        },
    }
}

#[cfg(not(unix))]
fn look_again(_path: &str, error: &serialport::Error) -> OpenError {
    OpenError::Absent(error.to_string())
}

/// A serial port of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortInfo {
    /// `/dev/ttyUSB0`, `COM3`.
    pub name: String,
    /// What hangs on it, where the system knows.
    pub what: Option<String>,
}

/// The serial ports of this machine, sorted by name.
///
/// # Errors
/// The system does not list them; the text is in English.
pub fn list() -> Result<Vec<PortInfo>, String> {
    let mut ports: Vec<PortInfo> = serialport::available_ports()
        .map_err(|error| error.to_string())?
        .into_iter()
        .map(|port| PortInfo { name: port.port_name, what: what(&port.port_type) })
        .collect();
    ports.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(ports)
}

fn what(kind: &serialport::SerialPortType) -> Option<String> {
    match kind {
        serialport::SerialPortType::UsbPort(usb) => {
            let name =
                [usb.manufacturer.clone(), usb.product.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ");
            Some(format!("USB {:04x}:{:04x} {name}", usb.vid, usb.pid).trim_end().to_owned())
        }
        serialport::SerialPortType::PciPort => Some("PCI".into()),
        serialport::SerialPortType::BluetoothPort => Some("Bluetooth".into()),
        serialport::SerialPortType::Unknown => None,
    }
}
