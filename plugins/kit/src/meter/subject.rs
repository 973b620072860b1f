//! The driver under test, and everything that is asked of it: every call is counted, timed, and survives a fault.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use dianka_domain::card::CardImage;
use dianka_plugin_host::meter::{Description, MeterDriver, Refusal};
use dianka_plugin_host::{CallError, Registry};
use nix::time::{ClockId, clock_gettime};
use serde_json::Value;

use crate::chance::Chance;
use crate::report::{Check, say};
use crate::words::{called, refused};

/// From this CPU time on a call is measured anew, nanoseconds.
const SLOW_NS: u64 = 20_000_000;
const MEASURED_ANEW: u32 = 3;

/// CPU time of one kind of call.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cost {
    pub(super) calls: u64,
    pub(super) worst_ns: u64,
    pub(super) total_ns: u64,
}

/// A meter driver in two hosts.
pub struct Subject {
    hosts: [Registry; 2],
    /// The driver.
    pub(crate) driver: MeterDriver,
    /// The same file in the other host.
    pub(super) twin: MeterDriver,
    pub(super) seed: u64,
    pub(super) cases: u64,
    costs: RefCell<BTreeMap<&'static str, Cost>>,
}

impl Subject {
    /// The driver and its twin, loaded from the same file by two hosts.
    #[must_use]
    pub fn new(hosts: [Registry; 2], driver: MeterDriver, twin: MeterDriver, seed: u64, cases: u64) -> Self {
        Self { hosts, driver, twin, seed, cases, costs: RefCell::default() }
    }

    pub(crate) fn description(&self) -> &Description {
        self.driver.describe()
    }

    /// A stream of chance for the check of this name.
    pub(crate) fn chance(&self, check: &str) -> Chance {
        let mixed = check.bytes().fold(self.seed, |sum, byte| sum.rotate_left(8) ^ u64::from(byte));
        Chance::new(mixed)
    }

    /// A card as its maker delivers it.
    pub(crate) fn blank(&self) -> CardImage {
        let layout = &self.description().layout;
        let mut bytes = vec![0xFF; usize::try_from(layout.size).unwrap_or_default()];
        let header: &[u8] = match layout.chip.as_str() {
            "sle4442" => &[0xA2, 0x13, 0x10, 0x91],
            "sle4428" => &[0x92, 0x23, 0x10, 0x91],
            _ => &[],
        };
        bytes.iter_mut().zip(header).for_each(|(byte, value)| *byte = *value);
        CardImage::new(bytes)
    }

    /// Calls the driver. A fault is a failure of `check`, shown with `input`; the driver is put back into service, so
    /// that the other checks say what they have to say.
    pub(crate) fn ask<T>(
        &self,
        check: &mut Check,
        name: &'static str,
        input: impl FnOnce() -> Value,
        call: impl Fn(&MeterDriver) -> Result<T, CallError>,
    ) -> Option<Result<T, Refusal>> {
        let (answer, mut ns) = self.timed(&call);
        // A machine that has much else to do charges a call for that, too: what looks slow is measured anew, and the least
        // counts, since the same call does the same work each time.
        for _ in 0..MEASURED_ANEW {
            if ns > SLOW_NS && answer.is_ok() {
                ns = ns.min(self.timed(&call).1);
            }
        }
        self.charge(name, ns);
        match answer {
            Ok(value) => Some(Ok(value)),
            Err(CallError::Refusal(refusal)) => Some(Err(refusal)),
            Err(error) => {
                let why = called(&error);
                check.fault(say(format!("{name}：{}", why.zh), format!("{name}: {}", why.en)), input());
                self.heal();
                None
            }
        }
    }

    /// The same where only one answer is right; a refusal is a failure.
    pub(crate) fn must<T>(
        &self,
        check: &mut Check,
        name: &'static str,
        input: impl Fn() -> Value,
        call: impl Fn(&MeterDriver) -> Result<T, CallError>,
    ) -> Option<T> {
        match self.ask(check, name, &input, call)? {
            Ok(value) => Some(value),
            Err(refusal) => {
                let why = refused(&refusal);
                let zh = format!("{name} 不应拒绝，却拒绝了：{}", why.zh);
                check.fail(say(zh, format!("{name} must not refuse this, and refused: {}", why.en)), input());
                None
            }
        }
    }

    /// Out of quarantine.
    pub(crate) fn heal(&self) {
        for host in &self.hosts {
            host.release(self.driver.about().digest);
        }
    }

    pub(super) fn costs(&self) -> Vec<(&'static str, Cost)> {
        self.costs.borrow().iter().map(|(name, cost)| (*name, *cost)).collect()
    }

    fn timed<T>(&self, call: impl Fn(&MeterDriver) -> T) -> (T, u64) {
        let before = cpu_ns();
        let answer = call(&self.driver);
        (answer, cpu_ns().saturating_sub(before))
    }

    fn charge(&self, name: &'static str, ns: u64) {
        let mut costs = self.costs.borrow_mut();
        let cost = costs.entry(name).or_default();
        cost.calls = cost.calls.saturating_add(1);
        cost.total_ns = cost.total_ns.saturating_add(ns);
        cost.worst_ns = cost.worst_ns.max(ns);
    }
}

/// CPU time of this thread so far, nanoseconds: the wall clock would charge a driver for what else the machine does. A
/// call runs on the caller's thread. 0 where the system does not say.
fn cpu_ns() -> u64 {
    let Ok(time) = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID) else { return 0 };
    u64::try_from(Duration::from(time).as_nanos()).unwrap_or_default()
}
