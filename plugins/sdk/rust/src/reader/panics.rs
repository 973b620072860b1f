//! A trap carries no text; the hook sends it to the host's log first.

use std::sync::Once;

use super::bindings::dianka::reader::log::{Level, log};

/// Makes every panic of this instance say in the host's log where it happened. Call it at the start of `probe`; later
/// calls do nothing.
pub fn log_panics() {
    static ONCE: Once = Once::new();
    if cfg!(target_arch = "wasm32") {
        ONCE.call_once(|| std::panic::set_hook(Box::new(|info| log(Level::Error, &info.to_string()))));
    }
}
