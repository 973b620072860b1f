//! One row for each driver in a folder: size, compiling, loading, an instance, memory, conformance. `./dev figures` builds for
//! release and runs it.
//!
//! `driver_figures <folder of drivers> <dianka-plugc> <dianka-kit>`
#![expect(clippy::print_stdout, reason = "a table for people is what this is for")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use dianka_plugin_host::package::Policy;
use dianka_plugin_host::reader::{LineSettings, Port, PortError};
use dianka_plugin_host::{DriversDir, Registry, RegistryOptions, WallLimits, take_peak_memory};
use serde_json::Value;

/// Of each time the median of so many.
const ROUNDS: usize = 31;

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(drivers), Some(plugc), Some(kit)) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err("driver_figures <folder of drivers> <dianka-plugc> <dianka-kit>".into());
    };
    let (plugc, kit) = (plugc.canonicalize()?, kit.canonicalize()?);
    println!(
        "| driver | component | compile | cached form | load it | one call that is refused at once | linear memory | \
         resident with it | at the gate: cases, time | in full: cases, time |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&drivers)?.map(|entry| Ok(entry?.path())).collect::<Result<_, Failure>>()?;
    files.retain(|path| path.extension().is_some_and(|end| end == "wasm"));
    files.sort();
    for file in files {
        row(&file, &plugc, &kit)?;
    }
    Ok(())
}

fn row(file: &Path, plugc: &Path, kit: &Path) -> Result<(), Failure> {
    let place = tempfile::tempdir()?;
    let (drivers, native) = (place.path().join("drivers"), place.path().join("native"));
    std::fs::create_dir(&drivers)?;
    std::fs::copy(file, drivers.join("driver.wasm"))?;
    let compile = median(5, || {
        std::fs::remove_file(&native).or_else(ignored)?;
        let done = Command::new(plugc).arg("compile").arg(file).arg("--out").arg(&native).status()?;
        if done.success() { Ok(()) } else { Err("it does not compile".into()) }
    })?;
    let cached = std::fs::metadata(&native)?.len();
    open(&drivers, plugc, place.path())?;
    let without = {
        let empty = place.path().join("empty");
        std::fs::create_dir(&empty)?;
        median(ROUNDS, || open(&empty, plugc, place.path()).map(drop))?
    };
    let load = median(ROUNDS, || open(&drivers, plugc, place.path()).map(drop))?.saturating_sub(without);
    let before = resident()?;
    let registry = open(&drivers, plugc, place.path())?;
    take_peak_memory();
    let (id, call) = one_call(&registry)?;
    let (after, peak) = (resident()?, take_peak_memory() / 1024);
    let gate = tried(kit, plugc, file, &["--cases", "200"])?;
    let full = tried(kit, plugc, file, &[])?;
    println!(
        "| {id} | {} kB | {:.1} ms | {} kB | {:.2} ms | {:.0} us | {peak} KiB | {} KiB | {gate} | {full} |",
        std::fs::metadata(file)?.len() / 1000,
        compile.as_secs_f64() * 1e3,
        cached / 1000,
        load.as_secs_f64() * 1e3,
        call.as_secs_f64() * 1e6,
        after.saturating_sub(before),
    );
    Ok(())
}

fn ignored(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

fn open(drivers: &Path, plugc: &Path, place: &Path) -> Result<Registry, Failure> {
    Ok(Registry::open(RegistryOptions {
        drivers_dirs: vec![DriversDir { path: drivers.to_path_buf(), built_in: true }],
        cache_dir: place.join("compiled"),
        cache_secret: None,
        plugc_path: plugc.to_path_buf(),
        policy: Policy::default(),
        kit_path: None,
        wall: WallLimits::default(),
    })?)
}

/// The only driver's id, and how long a call takes that is refused at once: the price of an instance. Of a reader, opening
/// a session.
fn one_call(registry: &Registry) -> Result<(String, Duration), Failure> {
    if let Some(driver) = registry.meters().into_iter().next() {
        let call = median(ROUNDS, || match driver.look(&[]) {
            Ok(_) => Err("the empty state is none".into()),
            Err(_) => Ok(()),
        })?;
        driver.plan(&plan())?;
        return Ok((driver.about().id.clone(), call));
    }
    let driver = registry.readers().into_iter().next().ok_or("no driver in it")?;
    let call = median(ROUNDS, || driver.open(Box::new(Dead)).map(drop).map_err(|error| error.to_string().into()))?;
    let mut session = driver.open(Box::new(Dead)).map_err(|error| error.to_string())?;
    if session.probe().is_ok() {
        return Err("nobody is there".into());
    }
    Ok((driver.about().id.clone(), call))
}

fn plan() -> dianka_plugin_host::meter::PlanRequest {
    use dianka_domain::units::{MeterEnergy, Multiplier, RealEnergy};
    dianka_plugin_host::meter::PlanRequest {
        purchase_real_wh: RealEnergy::from_wh(100_000),
        adjustment_real_wh: RealEnergy::ZERO,
        multiplier: Multiplier::ONE,
        preset_wh: MeterEnergy::ZERO,
        first: true,
        count: 1,
        hoard_wh: MeterEnergy::ZERO,
        alarm_wh: None,
    }
}

/// A port whose cable is pulled.
struct Dead;

impl Port for Dead {
    fn configure(&mut self, _: LineSettings) -> Result<(), PortError> {
        Err(PortError::Closed)
    }

    fn write(&mut self, _: &[u8], _: Instant) -> Result<(), PortError> {
        Err(PortError::Closed)
    }

    fn read(&mut self, _: usize, _: Instant) -> Result<Vec<u8>, PortError> {
        Err(PortError::Closed)
    }

    fn flush_input(&mut self) -> Result<(), PortError> {
        Err(PortError::Closed)
    }
}

/// What the kit found: cases and seconds.
fn tried(kit: &Path, plugc: &Path, file: &Path, more: &[&str]) -> Result<String, Failure> {
    let said = Command::new(kit).args(["check", "--json", "--plugc"]).arg(plugc).arg(file).args(more).output()?;
    let report: Value = serde_json::from_slice(&said.stdout)?;
    let checks = report.get("checks").and_then(Value::as_array).ok_or("no report")?;
    let cases: u64 = checks.iter().filter_map(|check| check.get("cases")?.as_u64()).sum();
    let ms = report.get("took_ms").and_then(Value::as_f64).ok_or("no report")?;
    let verdict = if report.get("passed") == Some(&Value::Bool(true)) { "" } else { ", NOT PASSED" };
    Ok(format!("{cases}, {:.1} s{verdict}", ms / 1e3))
}

fn median(rounds: usize, mut work: impl FnMut() -> Result<(), Failure>) -> Result<Duration, Failure> {
    let mut times = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let start = Instant::now();
        work()?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok(times.get(rounds / 2).copied().unwrap_or_default())
}

/// Resident memory of this process, KiB.
fn resident() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
