//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use dianka_kit::{project, report};
use dianka_plugin_package::Kind;

#[derive(Parser)]
#[command(name = "dianka-kit", version, about = "For vendors of drivers: start, check, pack, sign, look into, send")]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    /// The program dianka-plugc; otherwise the one beside this program.
    #[arg(long, global = true, env = "DIANKA_PLUGC")]
    pub plugc: Option<PathBuf>,
}

/// Language of what it says.
#[derive(Clone, Copy, Args)]
pub struct Say {
    /// Language of what it says; otherwise that of the environment (LC_ALL, LC_MESSAGES, LANG), or English.
    #[arg(long = "lang", value_enum)]
    pub lang: Option<Lang>,
}

impl Say {
    /// The chosen language.
    pub fn lang(self) -> report::Lang {
        self.lang.map_or_else(of_environment, Into::into)
    }
}

/// The language that the environment asks for.
pub fn of_environment() -> report::Lang {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
    report::Lang::of_locale(set.into_iter().find(|value| !value.is_empty()).as_deref().unwrap_or_default())
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Lang {
    Zh,
    En,
}

impl Command {
    /// In which language it speaks.
    pub fn lang(&self) -> report::Lang {
        match self {
            Self::New { .. } => of_environment(),
            // A server reads what it says.
            Self::Gate { .. } => report::Lang::En,
            Self::Check(args) => args.say.lang(),
            Self::Record { say, .. }
            | Self::Vectors { say, .. }
            | Self::Keygen { say, .. }
            | Self::Pack { say, .. }
            | Self::Sign { say, .. }
            | Self::Inspect { say, .. }
            | Self::Push { say, .. } => say.lang(),
        }
    }
}

impl From<Lang> for report::Lang {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Zh => Self::Zh,
            Lang::En => Self::En,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub enum KindName {
    Meter,
    Reader,
}

impl From<KindName> for Kind {
    fn from(kind: KindName) -> Self {
        match kind {
            KindName::Meter => Self::Meter,
            KindName::Reader => Self::Reader,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub enum LanguageName {
    Rust,
    C,
}

impl From<LanguageName> for project::Language {
    fn from(language: LanguageName) -> Self {
        match language {
            LanguageName::Rust => Self::Rust,
            LanguageName::C => Self::C,
        }
    }
}

#[derive(Subcommand)]
pub enum Command {
    /// Makes a project that builds into a driver and passes the check. It speaks the language of the environment.
    New {
        /// What it drives.
        kind: KindName,
        /// The driver's id, and the folder's name.
        name: String,
        /// In what it is written.
        #[arg(long = "lang", value_enum, default_value_t = LanguageName::Rust)]
        language: LanguageName,
        /// The source folder of Dianka, where the SDK is; otherwise the one that this program was built from.
        #[arg(long)]
        source: Option<PathBuf>,
    },
    /// Checks a driver as the server would, and much further. Exit code 0: passed, 1: not passed, 2: not checked.
    Check(CheckArgs),
    /// Tries a driver just as a server does before it takes one, within the same limits, and writes the report as JSON.
    /// Exit code 0: there is a report, whatever it says; 2: there is none.
    Gate {
        /// The component or package.
        file: PathBuf,
        /// Where the report goes.
        #[arg(long)]
        out: PathBuf,
        /// CPU time that it may take, seconds.
        #[arg(long, default_value_t = 60)]
        cpu_seconds: u64,
    },
    /// Writes down what a reader driver and a real reader say to each other, as a transcript for `check`.
    Record {
        /// The component.
        file: PathBuf,
        #[command(flatten)]
        say: Say,
        /// The reader's port.
        #[arg(long)]
        port: String,
        /// The calls to make: lines `C ...` of a transcript; without it, a session that changes nothing.
        #[arg(long)]
        calls: Option<PathBuf>,
    },
    /// Writes a meter driver's vectors: cards or tokens of every kind that it declares, made by the driver itself in the
    /// sandbox. Compare them with real cards; then `pack --vectors` puts them into the package.
    Vectors {
        /// The component.
        file: PathBuf,
        /// The file; otherwise they go to standard output.
        #[arg(short, long)]
        out: Option<PathBuf>,
        /// The same seed makes the same vectors.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        #[command(flatten)]
        say: Say,
    },
    /// Makes a key pair: NAME.key and NAME.pub. Asks for a password, or takes it from DIANKA_KEY_PASSWORD.
    Keygen {
        /// The files' name, without its end.
        name: PathBuf,
        /// The secret key lies open, for a machine that signs alone.
        #[arg(long)]
        no_password: bool,
        #[command(flatten)]
        say: Say,
    },
    /// Puts the manifest into a component, from what the driver describes.
    Pack {
        /// The component.
        file: PathBuf,
        /// Who made it.
        #[arg(long)]
        vendor: String,
        /// Test vectors to put in as well, as JSON (see the handbook): each server tries them before it takes the driver.
        #[arg(long)]
        vectors: Option<PathBuf>,
        /// Of a reader: a recorded line to put in as well. May be given several times.
        #[arg(long)]
        transcript: Vec<PathBuf>,
        /// The package; otherwise ID-VERSION.wasm beside the component.
        #[arg(short, long)]
        out: Option<PathBuf>,
        #[command(flatten)]
        say: Say,
    },
    /// Signs a package, in place.
    Sign {
        /// The package.
        file: PathBuf,
        /// The secret key.
        #[arg(long)]
        key: PathBuf,
        #[command(flatten)]
        say: Say,
    },
    /// Says what is in a package. With --key, exit code 1 if the signature is not of that key.
    Inspect {
        /// The package.
        file: PathBuf,
        /// A public key.
        #[arg(long)]
        key: Option<PathBuf>,
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        say: Say,
    },
    /// Sends a package to a server. Asks for the password, or takes it from DIANKA_PASSWORD.
    Push {
        /// The package.
        file: PathBuf,
        /// `https://HOST`. Without `https://` or `http://`: HTTPS, and plain HTTP on this very computer only.
        #[arg(long)]
        server: String,
        /// The certificate that the server's is signed by, PEM; otherwise this computer's trust counts.
        #[arg(long)]
        ca: Option<PathBuf>,
        /// Of somebody who may manage drivers.
        #[arg(long)]
        login: String,
        /// Everything that the server says, as JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        say: Say,
    },
}

#[derive(Args)]
pub struct CheckArgs {
    /// The component.
    pub file: PathBuf,
    /// The report as JSON.
    #[arg(long)]
    pub json: bool,
    /// The same seed makes the same cases.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Generated cards; the other checks follow in proportion.
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub cases: u64,
    /// For readers: a recorded line to replay (see the handbook). May be given several times.
    #[arg(long)]
    pub transcript: Vec<PathBuf>,
    #[command(flatten)]
    pub say: Say,
}
