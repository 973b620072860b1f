//! One driver file through the real host: the gate first, then the checks of its kind.

use std::path::{Path, PathBuf};
use std::time::Instant;

use dianka_plugin_host::{DriverInfo, DriverState, DriversDir, Registry, RegistryError, RegistryOptions, WallLimits};
use dianka_plugin_package::vectors::Shape;
use dianka_plugin_package::{Digest, Kind, MAX_DRIVER_BYTES, Notice, Policy, Vectors, Version, unsigned_part};
use serde_json::json;

use crate::meter::{self, Subject};
use crate::reader::{self, Transcript};
use crate::report::{Check, Outcome, Report, say};
use crate::told::Told;
use crate::vectors;
use crate::words::io_words;

/// What to check and how much.
#[derive(Debug, Clone)]
pub struct Options {
    /// The program `dianka-plugc`.
    pub plugc: PathBuf,
    /// What the cases are made from.
    pub seed: u64,
    /// Cards to generate; the other checks follow in proportion.
    pub cases: u64,
    /// For readers: recorded lines to replay.
    pub transcripts: Vec<Transcript>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The file cannot be read.
    #[error("{path} cannot be read: {why}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: std::io::Error,
    },
    /// No driver is so large.
    #[error("{path} has {bytes} bytes; a driver has at most {MAX_DRIVER_BYTES}")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// No temporary folder.
    #[error("no temporary folder: {0}")]
    Temporary(std::io::Error),
    /// The host does not start.
    #[error(transparent)]
    Host(#[from] RegistryError),
}

impl Told for CheckError {
    fn notice(&self) -> Notice {
        match self {
            Self::File { path, why } => {
                let (path, why) = (path.display(), io_words(why));
                Notice::new(
                    "file-unreadable",
                    format!("{path} 无法读取：{}", why.zh),
                    format!("{path} cannot be read: {}", why.en),
                )
            }
            Self::TooLarge { path, bytes } => {
                let path = path.display();
                Notice::new(
                    "too-large",
                    format!("{path} 有 {bytes} 字节，驱动最多 {MAX_DRIVER_BYTES} 字节"),
                    format!("{path} has {bytes} bytes; a driver has at most {MAX_DRIVER_BYTES}"),
                )
            }
            Self::Temporary(why) => {
                let why = io_words(why);
                Notice::new(
                    "no-temporary-folder",
                    format!("无法建立临时文件夹：{}", why.zh),
                    format!("no temporary folder: {}", why.en),
                )
            }
            Self::Host(RegistryError::Engine(why)) => Notice::new(
                "engine",
                format!("驱动引擎无法启动：{why}"),
                format!("the engine for drivers does not start: {why}"),
            ),
            Self::Host(RegistryError::Cache { path, why }) => {
                let path = path.display();
                Notice::new(
                    "cache",
                    format!("缓存文件夹 {path} 无法使用：{why}"),
                    format!("the cache folder {path} cannot be used: {why}"),
                )
            }
        }
    }
}

/// Checks the driver in `path`. A driver that fails is a report, not an error.
pub fn check(path: &Path, options: &Options) -> Result<Report, CheckError> {
    let start = Instant::now();
    let unreadable = |why| CheckError::File { path: path.to_path_buf(), why };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > MAX_DRIVER_BYTES {
        return Err(CheckError::TooLarge { path: path.to_path_buf(), bytes: size });
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let bench = Bench::open(&bytes, &options.plugc)?;
    let mut report = Report {
        file: path.display().to_string(),
        sha256: Digest::of(&bytes),
        bytes: size,
        kind: None,
        id: None,
        version: None,
        seed: options.seed,
        passed: false,
        took_ms: 0,
        checks: vec![],
    };
    let (gate, info) = bench.gate();
    report.checks.push(gate);
    if let Some(info) = info {
        (report.kind, report.version, report.id) = (info.kind, info.version, Some(info.id.clone()));
        report.checks.extend(bench.checks(&info, &bytes, options));
    }
    report.passed = report.checks.iter().all(|check| check.outcome != Outcome::Failed);
    report.took_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(report)
}

/// A driver as a server would describe it, or why a server refuses it.
pub fn load(bytes: &[u8], plugc: &Path) -> Result<Result<Loaded, Notice>, CheckError> {
    let bench = Bench::open(bytes, plugc)?;
    let [host, _] = &bench.hosts;
    let info = host.list().into_iter().next();
    Ok(match info {
        Some(DriverInfo { state: DriverState::Active, id, version: Some(version), kind: Some(kind), .. }) => {
            Ok(Loaded { host: host.clone(), id, version, kind })
        }
        _ => Err(refusal(host)),
    })
}

/// A meter driver ready to be asked; none for a reader driver; or why a server refuses it.
pub(crate) fn subject(
    bytes: &[u8],
    plugc: &Path,
    seed: u64,
    cases: u64,
) -> Result<Result<Option<Subject>, Notice>, CheckError> {
    let bench = Bench::open(bytes, plugc)?;
    let [host, other] = &bench.hosts;
    let Some(info) = host.list().into_iter().next().filter(|info| info.state == DriverState::Active) else {
        return Ok(Err(refusal(host)));
    };
    let pair = host.meter(&info.id).zip(other.meter(&info.id));
    Ok(Ok(pair.map(|(driver, twin)| Subject::new([host.clone(), other.clone()], driver, twin, seed, cases))))
}

/// Why the only driver of this host is not in service.
fn refusal(host: &Registry) -> Notice {
    let reason = host.list().into_iter().next().and_then(|info| info.reason);
    reason.unwrap_or_else(|| Notice::new("not-loaded", "驱动未能加载", "the driver was not loaded"))
}

/// A driver in a host of its own.
pub struct Loaded {
    /// The host.
    pub host: Registry,
    /// As the driver describes itself.
    pub id: String,
    /// As the driver describes itself.
    pub version: Version,
    /// What it drives.
    pub kind: Kind,
}

impl Loaded {
    /// What vectors it can have.
    pub(crate) fn shape(&self) -> Shape {
        self.host.meter(&self.id).map_or(Shape::Transcripts, |driver| vectors::shape(&driver))
    }
}

/// The file in two hosts of its own, which share nothing but compiled code.
struct Bench {
    hosts: [Registry; 2],
    /// Kept for as long as the hosts live.
    _folder: tempfile::TempDir,
}

impl Bench {
    fn open(bytes: &[u8], plugc: &Path) -> Result<Self, CheckError> {
        let folder = tempfile::tempdir().map_err(CheckError::Temporary)?;
        let drivers = folder.path().join("drivers");
        std::fs::create_dir(&drivers).map_err(CheckError::Temporary)?;
        // Whose signature it is, is the operator's question; here the same driver runs without it.
        std::fs::write(drivers.join("driver.wasm"), unsigned_part(bytes)).map_err(CheckError::Temporary)?;
        let options = RegistryOptions {
            drivers_dirs: vec![DriversDir { path: drivers, built_in: false }],
            cache_dir: folder.path().join("compiled"),
            cache_secret: None,
            plugc_path: plugc.to_path_buf(),
            policy: Policy { allow_unsigned: true, ..Policy::default() },
            kit_path: None,
            wall: WallLimits::default(),
        };
        let hosts = [Registry::open(options.clone())?, Registry::open(options)?];
        Ok(Self { hosts, _folder: folder })
    }

    /// Whether a server would let it in at all.
    fn gate(&self) -> (Check, Option<DriverInfo>) {
        let mut check = Check::new("gate", "服务器能加载：格式、接口、导入、自述", "a server loads it");
        check.case();
        let [host, _] = &self.hosts;
        let info = host.list().into_iter().next();
        match info {
            Some(info) if info.state == DriverState::Active => (check, Some(info)),
            other => {
                let notice = other.and_then(|info| info.reason);
                let (code, zh, en) = notice.map_or_else(Default::default, |n| (n.code, n.zh, n.en));
                check.fail(
                    say(format!("被拒绝（{code}）：{zh}"), format!("refused ({code}): {en}")),
                    json!({"code": code}),
                );
                (check, None)
            }
        }
    }

    fn checks(&self, info: &DriverInfo, bytes: &[u8], options: &Options) -> Vec<Check> {
        let [host, other] = &self.hosts;
        let own = match Vectors::of(bytes) {
            Ok(own) => own,
            Err(error) => return vec![vectors::unreadable(&error)],
        };
        match info.kind {
            Some(Kind::Meter) => match (host.meter(&info.id), other.meter(&info.id)) {
                (Some(driver), Some(twin)) => {
                    let subject =
                        Subject::new([host.clone(), other.clone()], driver, twin, options.seed, options.cases);
                    let own = (!own.is_empty()).then(|| vectors::meter(&subject, &own));
                    own.into_iter().chain(meter::checks(&subject)).collect()
                }
                _ => Vec::new(),
            },
            Some(Kind::Reader) => host.reader(&info.id).map_or_else(Vec::new, |driver| {
                let subject = reader::Subject::new(host.clone(), driver, options.seed, options.cases);
                if let Err(error) = own.fit(Shape::Transcripts) {
                    return vec![vectors::unreadable(&error)];
                }
                match vectors::transcripts(&own) {
                    Ok(packed) => {
                        let all: Vec<Transcript> = options.transcripts.iter().cloned().chain(packed).collect();
                        reader::checks(&subject, &all)
                    }
                    Err(error) => vec![vectors::no_transcript(&error)],
                }
            }),
            None => Vec::new(),
        }
    }
}
