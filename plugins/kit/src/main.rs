//! `dianka-kit`: the vendor's tool.

mod args;
mod run;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use dianka_kit::report::Lang;
use dianka_kit::told::sentence;

fn main() -> ExitCode {
    let arguments = match args::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let lang = arguments.command.lang();
    match run::run(arguments, lang) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(trouble) => {
            // Nothing is left to do when even this cannot be written.
            let _ = writeln!(std::io::stderr(), "dianka-kit: {}", sentence(&trouble.0, lang));
            ExitCode::from(2)
        }
    }
}

/// Help was asked for, or the command line is not understood: how it is written comes in English, what is wrong is said in
/// the language of the environment.
fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && args::of_environment() == Lang::Zh {
        let _ = writeln!(std::io::stderr(), "dianka-kit: 命令行写得不对，正确写法见下（usage）");
    }
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS }
}
