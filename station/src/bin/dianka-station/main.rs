//! `dianka-station`: a sales counter's card reader, dialled in to its server.

mod args;
mod run;
mod text;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser as _;
use dianka_plugin_host::package::Policy;
use dianka_plugin_host::{DriversDir, Registry, RegistryOptions, WallLimits};
use dianka_station::port;
use dianka_station::proto::{PortAnswer, ReaderSettings};
use dianka_station::reader::probe;
use dianka_station::workstation::received_dir;
use tracing_subscriber::EnvFilter;

use args::{Cli, Command, Language, Place, TestPort};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let language = text::language(cli.lang, |name| std::env::var(name).ok());
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let done = match &cli.command {
        Command::Run(run) => run::run(run, language),
        Command::TestPort(test) => test_port(test, language),
        Command::Ports => ports(language),
    };
    done.unwrap_or_else(|error| {
        eprintln!("{}", text::fatal(language, error.as_ref()));
        ExitCode::FAILURE
    })
}

fn test_port(test: &TestPort, language: Language) -> Result<ExitCode, Box<dyn Error>> {
    let data_dir = test.place.data.clone().unwrap_or_else(|| "data/test-port".into());
    let drivers = drivers(&test.place, &data_dir)?;
    let settings = ReaderSettings { port: test.port.clone(), driver: test.driver.clone(), baud: test.baud };
    let probed = probe(&drivers, &settings);
    println!("{}", text::probed(language, &probed, &test.port, &test.driver));
    Ok(ExitCode::from(match probed.answer {
        PortAnswer::Found => 0,
        PortAnswer::WrongDriver => 2,
        PortAnswer::PortBusy => 3,
        PortAnswer::NoAnswer => 4,
        PortAnswer::NoPermission => 5,
        PortAnswer::Absent => 6,
    }))
}

fn ports(language: Language) -> Result<ExitCode, Box<dyn Error>> {
    let ports = port::list()?;
    if ports.is_empty() {
        println!("{}", text::no_ports(language));
    }
    for port in ports {
        println!("{}", [Some(port.name), port.what].into_iter().flatten().collect::<Vec<_>>().join("  "));
    }
    Ok(ExitCode::SUCCESS)
}

/// The reader drivers. They are compiled by `dianka-plugc`, which lies beside this program, and kept in the station's
/// own folder.
fn drivers(place: &Place, data_dir: &Path) -> Result<Registry, Box<dyn Error>> {
    let program = std::env::current_exe()?;
    let beside = program.parent().unwrap_or(Path::new("."));
    Ok(Registry::open(RegistryOptions {
        drivers_dirs: vec![
            DriversDir { path: drivers_dir(place, beside), built_in: true },
            DriversDir { path: received_dir(data_dir), built_in: true },
        ],
        cache_dir: data_dir.join("driver-cache"),
        cache_secret: None,
        plugc_path: place.plugc.clone().unwrap_or_else(|| beside.join("dianka-plugc")),
        policy: Policy::default(),
        kit_path: None,
        wall: WallLimits::default(),
    })?)
}

/// The folder that came with the program: beside it, above it (as a build lays them out), or where a package puts it.
fn drivers_dir(place: &Place, beside: &Path) -> PathBuf {
    let packaged = PathBuf::from("/usr/lib/dianka/drivers");
    let near = [beside.join("drivers"), beside.join("../drivers")].into_iter().find(|dir| dir.is_dir());
    place.drivers.clone().or(near).unwrap_or(packaged)
}
