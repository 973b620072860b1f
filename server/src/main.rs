//! `dianka`: the server's command line.

use clap::{Parser, Subcommand};
use dianka_server::config::{Config, Overrides};
use dianka_server::demo::DemoOptions;
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
    /// Check that money, cards and rows are equal; exit code 0 only if everything holds. Stores the report, repairs nothing.
    Reconcile {
        /// The report as JSON.
        #[arg(long)]
        json: bool,
        /// Settings.
        #[command(flatten)]
        settings: Settings,
    },
    /// Seal a vending key of a token standard into the key file; the key is read from standard input (40 hexadecimal
    /// digits).
    VendingKey {
        /// The organisation's code, as at log-in.
        org: String,
        /// The slot, for example sts-600727-2-1 (supply group, key type, key revision).
        slot: String,
        #[command(flatten)]
        settings: Settings,
    },
    /// Tell the main job over HTTP, with every figure checked; against a server of its own, or another's address.
    Demo(Demo),
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Print the settings that `serve` would use; fail on a mistake and name its source.
    Check,
    /// Print the commented default.
    Default,
}

#[derive(clap::Args)]
struct Demo {
    /// A server in learning mode; left out: one of its own.
    #[arg(long)]
    url: Option<String>,
    /// Log-in and password at that server, `name:password`.
    #[arg(long)]
    login: Option<String>,
    /// The one-time set-up token of that server.
    #[arg(long)]
    setup_token: Option<String>,
    /// Print only what is wrong, and the counts.
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    settings: Settings,
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

/// Exit code of a check that found something, apart from one that could not be made.
const NOT_EQUAL: u8 = 3;

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("dianka: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode, start::Failure> {
    let done = match command {
        Command::Reconcile { json, settings } => {
            let holds = start::reconcile(settings.load()?, json)?;
            return Ok(if holds { ExitCode::SUCCESS } else { ExitCode::from(NOT_EQUAL) });
        }
        Command::Serve(settings) => start::serve(settings.load()?),
        Command::Migrate(settings) => start::migrate(settings.load()?),
        Command::Openapi => start::print_openapi(),
        Command::VendingKey { org, slot, settings } => start::add_vending_key(&settings.load()?, &org, &slot),
        Command::Demo(demo) => tell(demo),
        Command::Config { command: ConfigCommand::Default, .. } => start::print_default(),
        Command::Config { command: ConfigCommand::Check, settings } => start::print_config(&settings.load()?),
    };
    done.map(|()| ExitCode::SUCCESS)
}

fn tell(demo: Demo) -> Result<(), start::Failure> {
    let login = demo.login.as_deref().and_then(|l| l.split_once(':')).map(|(l, p)| (l.to_owned(), p.to_owned()));
    let options = DemoOptions {
        url: demo.url,
        login,
        setup_token: demo.setup_token,
        config: demo.settings.config,
        drivers: demo.settings.drivers,
        plugc: demo.settings.plugc,
        quiet: demo.quiet,
    };
    tokio::runtime::Runtime::new()?.block_on(dianka_server::demo::run(options)).map_err(start::Failure::Demo)
}
