//! What the compiling child says about a component.

use serde::{Deserialize, Serialize};

use crate::manifest::Kind;
use crate::notice::Notice;

/// The answer of `dianka-plugc check`, one line of JSON on its standard output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The contract that the component fulfils; none when it was refused.
    pub fulfils: Option<Contract>,
    /// Names of everything that the component imports.
    pub imports: Vec<String>,
    /// Size in bytes.
    pub bytes: u64,
    /// Why it was refused; none when it fulfils a contract.
    pub refused: Option<Notice>,
}

/// A contract by kind and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// What a component of this contract drives.
    pub kind: Kind,
    /// `dianka:meter@1.0.0`.
    pub name: String,
}

/// Exit codes of `dianka-plugc`. A death by signal (SIGXCPU, SIGKILL, SIGABRT) means that it met one of its own
/// resource limits.
pub mod exit {
    /// Done.
    pub const DONE: u8 = 0;
    /// A file could not be read or written, or a limit could not be set.
    pub const HOST: u8 = 1;
    /// The component was read and is not acceptable.
    pub const REFUSED: u8 = 10;
    /// The component does not compile.
    pub const NOT_COMPILED: u8 = 11;
}
