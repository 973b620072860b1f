//! `dianka-station`: a sales counter's card reader, dialled in to its server.

mod args;
mod doctor;
mod enrol;
mod refusals;
mod run;
mod status;
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
use dianka_station::workstation::{KnownSettings, received_dir};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry as Subscriber, reload};

use args::{Cli, Command, Data, Language, Place, TestPort};

/// What the log lets through, changed while the program runs.
type LogFilter = reload::Handle<EnvFilter, Subscriber>;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let data = match &cli.command {
        Command::Enrol(enrol) => Some(&enrol.data),
        Command::Run(run) => Some(&run.data),
        Command::Status(status) => Some(&status.data),
        Command::Doctor(doctor) => Some(&doctor.data),
        Command::TestPort(test) => Some(&test.data),
        Command::Ports => None,
    };
    let known = data.and_then(|data: &Data| KnownSettings::load(&data.dir).current().cloned());
    let chosen = known.as_ref().and_then(|known| known.language).map(text::of_settings);
    let language = text::language(cli.lang.or(chosen), |name| std::env::var(name).ok());
    // RUST_LOG is the word of whoever sits at this computer.
    let fixed = EnvFilter::try_from_default_env().ok();
    let follows = fixed.is_none();
    let level = known.and_then(|known| known.log).map_or("error", |log| log.as_str());
    let (filter, log) = reload::Layer::new(fixed.unwrap_or_else(|| EnvFilter::new(level)));
    let to_stderr = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).log_internal_errors(false);
    tracing_subscriber::registry().with(filter).with(to_stderr).init();
    let done = match &cli.command {
        Command::Enrol(enrol) => enrol::enrol(enrol, language),
        Command::Run(run) => run::run(run, cli.lang, language, follows.then_some(log)),
        Command::Status(asked) => status::status(asked, language),
        Command::Doctor(asked) => doctor::doctor(asked, language),
        Command::TestPort(test) => test_port(test, language),
        Command::Ports => ports(language),
    };
    done.unwrap_or_else(|error| {
        eprintln!("{}", text::fatal(language, error.as_ref()));
        ExitCode::FAILURE
    })
}

fn test_port(test: &TestPort, language: Language) -> Result<ExitCode, Box<dyn Error>> {
    let drivers = drivers(&test.place, &test.data.dir)?;
    let settings = ReaderSettings { port: test.port.clone(), driver: test.driver.clone(), baud: test.baud };
    let versions = KnownSettings::load(&test.data.dir).versions();
    let probed = probe(&drivers, &versions, &settings);
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
    let compiler = format!("dianka-plugc{}", std::env::consts::EXE_SUFFIX);
    Ok(Registry::open(RegistryOptions {
        drivers_dirs: vec![
            DriversDir { path: drivers_dir(place, beside), built_in: true },
            DriversDir { path: received_dir(data_dir), built_in: true },
        ],
        cache_dir: data_dir.join("driver-cache"),
        cache_secret: None,
        plugc_path: place.plugc.clone().unwrap_or_else(|| beside.join(compiler)),
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
