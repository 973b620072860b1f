//! Power cuts on order, for the tests of what a crash leaves behind: the process that reaches a named point kills itself,
//! as `kill -9` would, without a word to anybody.

use std::sync::OnceLock;

/// The environment variable that names the point.
pub const CRASH_AT: &str = "DIANKA_CRASH_AT";

/// Dies here when [`CRASH_AT`] names this point. In a release build it does nothing at all.
pub fn point(name: &str) {
    if !cfg!(debug_assertions) {
        return;
    }
    static AT: OnceLock<Option<String>> = OnceLock::new();
    let at = AT.get_or_init(|| std::env::var(CRASH_AT).ok());
    if at.as_deref() == Some(name) {
        let _dead = nix::sys::signal::kill(nix::unistd::getpid(), nix::sys::signal::Signal::SIGKILL);
    }
}
