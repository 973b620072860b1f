//! The reader of a workstation: one thread that owns port, driver session, card and journal, so that nothing can come
//! between the steps of a write. It finds the reader, finds it again after unplugging, watches for cards, and runs
//! tickets through [`crate::core`].

mod cards;
mod connection;
mod operate;
mod test_port;
mod tickets;
mod worker;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use dianka_plugin_host::Registry;
use tokio::sync::mpsc::UnboundedSender;

pub use test_port::{Probed, probe};

use crate::journal::Journal;
use crate::proto::{BoxKey, FromStation, ToStation};
use crate::workstation::Remembered;

/// What a reader's thread works with; all of it is its own.
pub(crate) struct Parts {
    pub(crate) drivers: Registry,
    /// The versions of drivers that were chosen, by driver id.
    pub(crate) versions: BTreeMap<String, String>,
    pub(crate) settings: Remembered,
    pub(crate) journal: Journal,
    pub(crate) key: BoxKey,
    /// Follows the journal's sequence, for `Hello`.
    pub(crate) seq: Arc<AtomicU64>,
    pub(crate) out: UnboundedSender<FromStation>,
}

/// What the thread is told.
pub(crate) enum Order {
    /// By the server.
    Server(ToStation),
    /// The versions of drivers to use from now on, by driver id.
    Versions(BTreeMap<String, String>),
    /// Finish what you are doing, and end.
    Stop,
}

/// A running reader thread. Dropping the handle does not stop it; `Order::Stop` does.
pub(crate) struct Running {
    pub(crate) orders: Sender<Order>,
    pub(crate) thread: JoinHandle<()>,
}

/// Starts the thread.
pub(crate) fn start(parts: Parts, name: &str) -> std::io::Result<Running> {
    let (orders, inbox): (Sender<Order>, Receiver<Order>) = channel();
    let thread =
        std::thread::Builder::new().name(name.into()).spawn(move || worker::Worker::new(parts, inbox).run())?;
    Ok(Running { orders, thread })
}
