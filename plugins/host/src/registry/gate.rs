//! The way of a file from the folder into service: size, hash, signature, policy, contract, compiling, description, and for
//! drivers of others their own vectors and the conformance suite.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use dianka_plugin_package::{
    Admission, Contract, Digest, DriverFile, Kind, Manifest, Notice, Policy, TrustTable, Verdict, exit,
};
use wasmtime::component::Component;

use super::cache::{Cache, Compiled, Found, Staged};
use super::child::{self, ChildError, Ended};
use super::conformance::{self, Conformance, ConformanceReport};
use super::info::{Driver, Standing};
use super::options::RegistryOptions;
use crate::about::About;
use crate::engine::DriverEngine;
use crate::fault::Fault;
use crate::health::Health;
use crate::meter::{Carrier, Description, MeterAdapter, MeterDriver};
use crate::reader::{ReaderAdapter, ReaderDriver};
use crate::token::TokenFacts;
use crate::v1::{self, ReaderV1};

pub(super) struct Gate {
    options: RegistryOptions,
    /// Apart from the options, since an administrator changes the trusted keys while the program runs.
    policy: RwLock<Policy>,
    cache: Cache,
    engine: DriverEngine,
    conformance: Option<Conformance>,
}

/// What the gate said about a file.
pub(super) struct Examined {
    pub(super) standing: Standing,
    /// On what ground it was let in; none for a refused file.
    pub(super) admission: Option<Admission>,
    /// What the conformance suite found, if it was run.
    pub(super) report: Option<Arc<ConformanceReport>>,
}

impl Gate {
    pub(super) fn new(options: RegistryOptions, cache: Cache, engine: DriverEngine) -> Self {
        let policy = RwLock::new(options.policy.clone());
        let conformance = options.kit_path.clone().map(|kit| {
            let (plugc, wall) = (options.plugc_path.clone(), options.wall.conformance);
            Conformance::new(kit, plugc, cache.dir().to_path_buf(), wall)
        });
        Self { options, policy, cache, engine, conformance }
    }

    /// The keys that are trusted from now on.
    pub(super) fn trust(&self, table: TrustTable) {
        self.policy.write().unwrap_or_else(PoisonError::into_inner).trust = table;
    }

    /// Decides about the file at `path`. `health` gives the record that goes with a driver.
    pub(super) fn examine(&self, path: &Path, built_in: bool, health: impl FnOnce(&About) -> Arc<Health>) -> Examined {
        let policy = self.policy.read().unwrap_or_else(PoisonError::into_inner).clone();
        let file = match DriverFile::read(path, &policy.trust) {
            Ok(file) => file,
            Err(reason) => {
                return Examined { standing: Standing::refused(None, None, reason), admission: None, report: None };
            }
        };
        let admitted = policy.admit(&file.signature, built_in);
        let mut report = None;
        let passed = admitted.and_then(|admission| {
            let driver = self.admit(&file, health)?;
            if !built_in && let Some(suite) = &self.conformance {
                let found = Arc::new(suite.report(&file.digest, &file.bytes)?);
                report = Some(Arc::clone(&found));
                conformance::verdict(&found)?;
            }
            Ok((admission, driver))
        });
        let (standing, admission) = match passed {
            Ok((admission, driver)) => (Standing::Active(driver), Some(admission)),
            Err(reason) => (Standing::refused(Some(file.digest), file.manifest, reason), None),
        };
        Examined { standing, admission, report }
    }

    /// Whether the file at `path` will be tried by the suite, which takes its time.
    pub(super) fn is_untried(&self, path: &Path) -> bool {
        let Some(suite) = &self.conformance else { return false };
        let policy = self.policy.read().unwrap_or_else(PoisonError::into_inner).clone();
        DriverFile::read(path, &policy.trust).is_ok_and(|file| suite.known(&file.digest).is_none())
    }

    /// What the suite found about a file, taken or not.
    pub(super) fn report(&self, digest: &Digest) -> Option<ConformanceReport> {
        self.conformance.as_ref()?.known(digest)
    }

    fn admit(&self, file: &DriverFile, health: impl FnOnce(&About) -> Arc<Health>) -> Result<Driver, Notice> {
        let compiled = match self.cache.find(&file.digest) {
            Found::Good(compiled) => match self.load(&compiled) {
                Ok(component) => return self.activate(file, &compiled.contract, &component, health),
                // Another processor than the one that it was compiled for, say.
                Err(fault) => {
                    tracing::warn!(digest = %file.digest, "compiled driver does not load: {fault}; compiling anew");
                    self.compile(file)?
                }
            },
            Found::Altered => {
                tracing::error!(digest = %file.digest, "compiled driver was altered; compiling anew");
                self.compile(file)?
            }
            Found::Nothing => self.compile(file)?,
        };
        let component = self.load(&compiled).map_err(|fault| fault.notice())?;
        self.activate(file, &compiled.contract, &component, health)
    }

    fn compile(&self, file: &DriverFile) -> Result<Compiled, Notice> {
        self.cache.forget(&file.digest);
        let staged = self.cache.stage(&file.bytes).map_err(|error| no_cache(&error))?;
        let contract = self.check(&staged)?;
        let arguments = ["compile".as_ref(), staged.component.as_os_str(), "--out".as_ref(), staged.native.as_os_str()];
        let ended = self.plugc(&arguments, self.options.wall.compile)?;
        if ended.code != Some(exit::DONE.into()) {
            return Err(not_compiled(&ended));
        }
        self.cache.keep(&file.digest, &contract, &staged).map_err(|error| no_cache(&error))
    }

    fn check(&self, staged: &Staged) -> Result<Contract, Notice> {
        let ended = self.plugc(&["check".as_ref(), staged.component.as_os_str()], self.options.wall.check)?;
        let verdict = serde_json::from_str::<Verdict>(&ended.said).ok();
        match verdict {
            Some(Verdict { refused: Some(notice), .. }) => Err(notice),
            Some(Verdict { fulfils: Some(contract), .. }) if ended.code == Some(exit::DONE.into()) => Ok(contract),
            _ => Err(not_compiled(&ended)),
        }
    }

    fn plugc(&self, arguments: &[&OsStr], wall: std::time::Duration) -> Result<Ended, Notice> {
        child::run(&self.options.plugc_path, arguments, None, wall).map_err(|error| match error {
            ChildError::TooLong(_) => Notice::new("compile-too-long", "驱动编译超时，已被中止", error.to_string()),
            ChildError::NotStarted { .. } | ChildError::Lost(_) => {
                Notice::new("no-compiler", "驱动编译程序无法运行", error.to_string())
            }
        })
    }

    #[expect(unsafe_code, reason = "native code can only be vouched for, not checked; the seal vouches for it")]
    fn load(&self, compiled: &Compiled) -> Result<Component, Fault> {
        // SAFETY: these very bytes, in memory where nobody else can alter them, were written by our own compiler under
        // this engine's settings, and were sealed with a secret of this program when they were put into the cache (see
        // `Cache::find` and `Cache::keep`, the only ways to a `Compiled`).
        unsafe { Component::deserialize(self.engine.engine(), &compiled.native) }
            .map_err(|error| Fault::Host(format!("{error:#}")))
    }

    /// Lets the driver describe itself, under the limits of every call, and compares that with its manifest.
    fn activate(
        &self,
        file: &DriverFile,
        contract: &Contract,
        component: &Component,
        health: impl FnOnce(&About) -> Arc<Health>,
    ) -> Result<Driver, Notice> {
        let incompatible = |why: String| Fault::Incompatible(why).notice();
        match contract.kind {
            Kind::Meter => {
                let adapter = v1::link_meter(&self.engine, component, contract).map_err(|fault| fault.notice())?;
                let own = adapter.describe().map_err(|fault| fault.notice())?;
                own.validate().map_err(incompatible)?;
                let tokens = token_facts(&own, adapter.as_ref()).map_err(|fault| fault.notice())?;
                let about = About { id: own.id.clone(), version: own.version, kind: Kind::Meter, digest: file.digest };
                agrees(file.manifest.as_ref(), &about)?;
                let health = health(&about);
                Ok(Driver::Meter(MeterDriver::new(about, own, adapter, tokens, health)))
            }
            Kind::Reader => {
                let adapter = ReaderV1::link(&self.engine, component).map_err(|fault| fault.notice())?;
                let own = adapter.describe().map_err(|fault| fault.notice())?;
                own.validate().map_err(incompatible)?;
                let about = About { id: own.id.clone(), version: own.version, kind: Kind::Reader, digest: file.digest };
                agrees(file.manifest.as_ref(), &about)?;
                let health = health(&about);
                let wall = self.options.wall.reader_call;
                Ok(Driver::Reader(ReaderDriver::new(about, own, Box::new(adapter), health, wall)))
            }
        }
    }
}

/// A driver has tokens exactly when they are its carrier.
fn token_facts(own: &Description, adapter: &dyn MeterAdapter) -> Result<Option<TokenFacts>, Fault> {
    let incompatible = |why: &str| Fault::Incompatible(why.to_owned());
    match (own.carrier, adapter.tokens()) {
        (Carrier::Card, None) => Ok(None),
        (Carrier::Card, Some(_)) => Err(incompatible("its carrier is a card, and it exports tokens")),
        (Carrier::Token, None) => Err(incompatible("its carrier is a token, and it exports no tokens")),
        (Carrier::Token, Some(tokens)) => {
            let facts = tokens.facts()?;
            facts.validate().map_err(Fault::Incompatible)?;
            if own.layout.size != facts.block_len.saturating_add(1) {
                return Err(incompatible("what its virtual meter takes is not a class and a block"));
            }
            Ok(Some(facts))
        }
    }
}

/// A trusted key signs a manifest; the driver must not pass for another one afterwards.
fn agrees(manifest: Option<&Manifest>, about: &About) -> Result<(), Notice> {
    let Some(manifest) = manifest else { return Ok(()) };
    if (&manifest.id, manifest.version, manifest.kind) == (&about.id, about.version, about.kind) {
        return Ok(());
    }
    let said = format!("{} {} {}", manifest.kind, manifest.id, manifest.version);
    let is = format!("{} {} {}", about.kind, about.id, about.version);
    let zh = format!("清单写的是“{said}”，驱动自述为“{is}”");
    Err(Notice::new("manifest-differs", zh, format!("the manifest says {said:?}, the driver {is:?}")))
}

fn not_compiled(ended: &Ended) -> Notice {
    if let Some(signal) = ended.signal {
        let en = format!("the compiler met a limit of CPU time or memory (signal {signal})");
        return Notice::new("compile-too-much", "编译驱动所需的处理器时间或内存超出上限", en);
    }
    Notice::new("not-compiled", "驱动无法编译", ended.complained.clone())
}

fn no_cache(error: &io::Error) -> Notice {
    Notice::new("no-cache", "驱动缓存目录无法写入", format!("the cache folder cannot be written: {error}"))
}
