//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use dianka_kit::report;

#[derive(Parser)]
#[command(name = "dianka-kit", version, about = "For vendors of drivers: start, check, pack, sign, look into, send")]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    /// Language of what it says.
    #[arg(long, global = true, value_enum, default_value_t = Lang::En)]
    pub lang: Lang,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Lang {
    Zh,
    En,
}

impl From<Lang> for report::Lang {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Zh => Self::Zh,
            Lang::En => Self::En,
        }
    }
}

#[derive(Subcommand)]
pub enum Command {
    /// Checks a driver as the server would, and much further. Exit code 0: passed, 1: not passed, 2: not checked.
    Check(CheckArgs),
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
    /// The program dianka-plugc; otherwise the one beside this program.
    #[arg(long, env = "DIANKA_PLUGC")]
    pub plugc: Option<PathBuf>,
}
