//! The two ends of the line between a workstation and its server: a pair of channels of messages. In process the
//! server holds the other end itself; elsewhere [`websocket`] carries it.

pub mod address;
pub mod dial;
pub mod enrol;
pub mod tls;
pub mod websocket;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::proto::{FromStation, ToStation};

/// The workstation's end.
#[derive(Debug)]
pub struct Link {
    /// What the server says.
    pub incoming: UnboundedReceiver<ToStation>,
    /// What the station says.
    pub outgoing: UnboundedSender<FromStation>,
}

/// The server's end.
#[derive(Debug)]
pub struct Remote {
    /// What the station says.
    pub incoming: UnboundedReceiver<FromStation>,
    /// What the server says.
    pub outgoing: UnboundedSender<ToStation>,
}

/// A new line. When one end is dropped, the other sees its channel closed.
#[must_use]
pub fn pair() -> (Link, Remote) {
    let (to_station, from_server) = unbounded_channel();
    let (to_server, from_station) = unbounded_channel();
    (Link { incoming: from_server, outgoing: to_server }, Remote { incoming: from_station, outgoing: to_station })
}
