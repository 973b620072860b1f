//! How many files and connections the server may hold open.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Below this the log warns: two thousand stations, the browsers of their clerks, and the server's own files.
const ENOUGH: u64 = 8_192;

/// Takes as many as the system allows: each station that is connected holds one, and the usual soft limit of 1,024 is kept
/// low for programs that still use `select`, which this one does not.
pub fn raise_limit() {
    match raised() {
        Ok(limit) if limit < ENOUGH => {
            tracing::warn!(limit, "few files may be open: raise the hard limit (LimitNOFILE) for many stations");
        }
        Ok(limit) => tracing::info!(limit, "open files"),
        Err(error) => tracing::warn!(%error, "the limit of open files stays as it is"),
    }
}

fn raised() -> nix::Result<u64> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if soft < hard {
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    }
    Ok(hard)
}
