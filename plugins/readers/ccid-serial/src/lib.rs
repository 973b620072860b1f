//! Reader driver: serial CCID in GemPC Twin framing, with the memory-card commands that ACS readers take, for SLE4442.
//!
//! Layers, from the line up: [`wire`] (frames, echo, slot notices, NAK), [`link`] (one command and its answer, retries),
//! [`session`] (what the contract asks for).

pub mod describe;
pub mod fault;
pub mod link;
pub mod session;
pub mod wire;

use std::cell::RefCell;

use dianka_sdk::reader::driver::{CardInfo, Description, Error, Guest, ReaderInfo};
use dianka_sdk::reader::{HostPort, log_panics};

use crate::session::Session;

thread_local! {
    /// One instance serves one port session.
    static SESSION: RefCell<Session<HostPort>> = const { RefCell::new(Session::new(HostPort)) };
}

/// The driver, as the component exports it.
pub struct Component;

fn with<T>(run: impl FnOnce(&mut Session<HostPort>) -> Result<T, Error>) -> Result<T, Error> {
    SESSION.with_borrow_mut(run)
}

impl Guest for Component {
    fn describe() -> Description {
        describe::describe()
    }

    fn probe() -> Result<ReaderInfo, Error> {
        log_panics();
        with(Session::probe)
    }

    fn poll() -> Result<bool, Error> {
        with(Session::poll)
    }

    fn power_on() -> Result<CardInfo, Error> {
        with(Session::power_on)
    }

    fn read(offset: u32, len: u32) -> Result<Vec<u8>, Error> {
        with(|session| session.read(offset, len))
    }

    fn error_counter() -> Result<u8, Error> {
        with(Session::error_counter)
    }

    fn present(code: Vec<u8>) -> Result<(), Error> {
        with(|session| session.present(&code))
    }

    fn write(offset: u32, bytes: Vec<u8>) -> Result<(), Error> {
        with(|session| session.write(offset, &bytes))
    }

    fn change_code(code: Vec<u8>) -> Result<(), Error> {
        with(|session| session.change_code(&code))
    }

    fn power_off() -> Result<(), Error> {
        with(Session::power_off)
    }
}

dianka_sdk::export_reader!(Component);
