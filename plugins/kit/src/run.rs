//! What each command does.

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

use dianka_kit::check::{self, Options};

use crate::args::{Arguments, CheckArgs, Command, Lang};

/// Whether it went well; an error if it could not be done at all.
pub fn run(arguments: Arguments) -> Result<bool, Box<dyn Error>> {
    let lang = arguments.lang;
    match arguments.command {
        Command::Check(args) => check(args, lang),
    }
}

fn check(args: CheckArgs, lang: Lang) -> Result<bool, Box<dyn Error>> {
    let options = Options { plugc: plugc(args.plugc)?, seed: args.seed, cases: args.cases, transcripts: Vec::new() };
    let report = check::check(&args.file, &options)?;
    let text = if args.json { serde_json::to_string_pretty(&report)? } else { report.to_text(lang.into()) };
    writeln!(std::io::stdout(), "{}", text.trim_end())?;
    Ok(report.passed)
}

fn plugc(given: Option<PathBuf>) -> Result<PathBuf, Box<dyn Error>> {
    let path = match given {
        Some(path) => path,
        None => std::env::current_exe()?.with_file_name("dianka-plugc"),
    };
    // The host runs it from another folder.
    path.canonicalize().map_err(|why| {
        format!("{} (build it with: cargo build -p dianka-plugin-compile): {why}", path.display()).into()
    })
}
