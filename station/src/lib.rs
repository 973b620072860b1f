//! A workstation of a sales point: its card reader on a serial port, the reader's driver, the write journal, and the
//! line to the server. Workstation 0 runs inside the server, the others as `dianka-station`; the code is the same.
//!
//! * [`proto`]: the messages between station and server, the signed ticket, the sealed password.
//! * [`core`]: the order of a write, as a machine without input and output.
//! * [`enrolment`]: who this station is, and its keys.
//! * [`journal`]: what survives a power cut.
//! * [`port`]: serial ports. [`reader`]: the thread that owns one, with the driver's session and the card in it.
//! * [`status`]: what a running station tells the installer at the same computer.
//! * [`workstation`]: all of it together. [`link`]: in process or over WebSocket.
//!
//! What is not here: meter standards (a station compares and writes images, it never decodes one), money, and any
//! decision about a sale.

pub mod core;
pub mod enrolment;
pub mod journal;
pub mod link;
pub mod port;
pub mod proto;
pub mod reader;
pub mod status;
pub mod workstation;

#[cfg(unix)]
pub(crate) use dianka_lab::power_cut;

/// Power cuts are ordered where the lab runs.
#[cfg(not(unix))]
pub(crate) mod power_cut {
    pub(crate) const fn point(_: &str) {}
}
