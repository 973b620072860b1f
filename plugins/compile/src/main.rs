//! `dianka-plugc`: the only program that compiles drivers.
//!
//! The server has no compiler. It starts this one as a child, with limits that the child sets for itself and a wall
//! clock that the server holds, and kills it when either is met: compiling what a stranger wrote cannot be cancelled
//! from inside. See the exit codes in `dianka_plugin_package::exit`.

mod check;
mod component;
mod contracts;
#[path = "../../host/src/engine_config.rs"]
mod engine_config;
mod limits;
mod native;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use dianka_plugin_package::{MAX_DRIVER_BYTES, exit};

use crate::contracts::Contracts;
use crate::limits::Limits;

#[derive(Parser)]
#[command(
    name = "dianka-plugc",
    version,
    about = "Turns drivers into components, checks and compiles them",
    after_help = engine_config::SETTINGS
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Wraps a core module (target wasm32-unknown-unknown) into a component.
    Component {
        /// The module that the guest's compiler wrote.
        core: PathBuf,
        /// Where the component goes.
        #[arg(short, long)]
        out: PathBuf,
        /// JSON manifest to embed.
        #[arg(long)]
        manifest: Option<PathBuf>,
        /// Adapters for WASI. There is none: a driver has no system below it.
        #[arg(long, value_enum, default_value_t = Adapt::None)]
        adapt: Adapt,
    },
    /// Judges a component against the contracts; prints the verdict as JSON.
    Check {
        /// The component.
        component: PathBuf,
        /// A folder of contracts, `<kind>/<version>/<kind>.wit`, instead of those inside this program.
        #[arg(long)]
        wit: Option<PathBuf>,
        #[command(flatten)]
        limits: Limits,
    },
    /// Compiles a component to native code for this machine and the server's settings.
    Compile {
        /// The component.
        component: PathBuf,
        /// Where the native code goes; must not exist.
        #[arg(short, long)]
        out: PathBuf,
        #[command(flatten)]
        limits: Limits,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Adapt {
    None,
}

/// Why a command ended without its result.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// A file or a limit of the system.
    #[error("{0}")]
    Host(String),
    /// The input is not acceptable.
    #[error("{0}")]
    Refused(String),
    /// The input does not compile.
    #[error("{0}")]
    NotCompiled(String),
}

impl Failure {
    fn code(&self) -> u8 {
        match self {
            Self::Host(_) => exit::HOST,
            Self::Refused(_) => exit::REFUSED,
            Self::NotCompiled(_) => exit::NOT_COMPILED,
        }
    }
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::from(exit::DONE),
        Err(failure) => {
            // Nothing is left to do when even this cannot be written.
            let _ = writeln!(io::stderr(), "dianka-plugc: {failure}");
            ExitCode::from(failure.code())
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Component { core, out, manifest, adapt: Adapt::None } => {
            let manifest = manifest.as_deref().map(read).transpose()?;
            let component = component::wrap(&read(&core)?, manifest.as_deref())?;
            std::fs::write(&out, component).map_err(|error| unwritable(&out, &error))
        }
        Command::Check { component, wit, limits } => {
            limits.apply()?;
            let contracts = wit.as_deref().map_or_else(Contracts::built_in, Contracts::from_folder)?;
            let verdict = check::judge(&read(&component)?, &contracts);
            let json = serde_json::to_string(&verdict).map_err(|error| Failure::Host(error.to_string()))?;
            writeln!(io::stdout(), "{json}").map_err(|error| Failure::Host(error.to_string()))?;
            verdict.refused.map_or(Ok(()), |notice| Err(Failure::Refused(notice.to_string())))
        }
        Command::Compile { component, out, limits } => {
            limits.apply()?;
            native::compile(&read(&component)?, &out)
        }
    }
}

/// Reads a file up to one byte over the size cap of a driver, so that the checks see that it is too large.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_DRIVER_BYTES.saturating_add(1)).read_to_end(&mut bytes))
        .map_err(|error| Failure::Host(format!("{} cannot be read: {error}", path.display())))?;
    Ok(bytes)
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::Host(format!("{} cannot be written: {error}", path.display()))
}
