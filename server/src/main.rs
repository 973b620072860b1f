//! `dianka`: the server's command line.

use clap::{Parser, Subcommand};
use dianka_server::config::{Config, Overrides};
use dianka_server::start;
use std::path::PathBuf;
use std::process::ExitCode;

/// Sells prepaid electricity onto IC cards.
#[derive(Parser)]
#[command(name = "dianka", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve(Settings),
    /// Print the description of the HTTP interface as JSON.
    Openapi,
    /// Look at the settings.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
        #[command(flatten)]
        settings: Settings,
    },
    /// Bring the database to this version's schema, and end.
    Migrate(Settings),
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Print the settings that `serve` would use; fail on a mistake and name its source.
    Check,
    /// Print the commented default.
    Default,
}

#[derive(clap::Args)]
struct Settings {
    /// File with settings, over the built-in default.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    /// Data folder.
    #[arg(long, global = true)]
    data: Option<PathBuf>,
    /// Address and port, for example 127.0.0.1:8080.
    #[arg(long, global = true)]
    listen: Option<String>,
    /// Serial port of workstation 0's reader, for example /dev/ttyUSB0.
    #[arg(long, global = true)]
    port: Option<String>,
    /// Reader driver for that port.
    #[arg(long, global = true)]
    driver: Option<String>,
    /// Serve the pages from this folder instead of the built-in ones.
    #[arg(long, global = true)]
    ui_dir: Option<PathBuf>,
    /// Folder with the drivers that came with the server.
    #[arg(long, global = true)]
    drivers: Option<PathBuf>,
    /// The program that compiles drivers.
    #[arg(long, global = true)]
    plugc: Option<PathBuf>,
}

impl Settings {
    fn load(self) -> Result<Config, start::Failure> {
        let Settings { config, data, listen, port, driver, ui_dir, drivers, plugc } = self;
        Ok(Config::load(&Overrides { file: config, data, listen, port, driver, ui_dir, drivers, plugc })?)
    }
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("dianka: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), start::Failure> {
    match command {
        Command::Serve(settings) => start::serve(settings.load()?),
        Command::Migrate(settings) => start::migrate(settings.load()?),
        Command::Openapi => start::print_openapi(),
        Command::Config { command: ConfigCommand::Default, .. } => start::print_default(),
        Command::Config { command: ConfigCommand::Check, settings } => start::print_config(&settings.load()?),
    }
}
