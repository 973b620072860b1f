//! A driver's record, and its quarantine.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use dianka_plugin_package::Notice;

use crate::about::About;
use crate::fault::Fault;

/// So many faults within the window take a driver out of service.
const FAULTS: usize = 3;
const WINDOW: Duration = Duration::from_secs(10 * 60);

/// What is remembered about one driver file, for as long as the program runs: putting the same file there again does
/// not clear its record.
#[derive(Debug)]
pub(crate) struct Health {
    about: About,
    record: Mutex<Record>,
}

#[derive(Debug, Default)]
struct Record {
    recent: VecDeque<Instant>,
    total: u64,
    quarantine: Option<Notice>,
}

impl Health {
    pub(crate) fn new(about: About) -> Self {
        Self { about, record: Mutex::default() }
    }

    /// Why the driver is out of service, if it is.
    pub(crate) fn quarantine(&self) -> Option<Notice> {
        self.lock().quarantine.clone()
    }

    /// Faults since the program started.
    pub(crate) fn faults(&self) -> u64 {
        self.lock().total
    }

    /// Counts a fault of the call `during`.
    pub(crate) fn fault(&self, during: &str, fault: &Fault) {
        let About { id, version, digest, .. } = &self.about;
        tracing::error!(driver = %id, %version, %digest, during, code = fault.code(), "driver fault: {fault}");
        self.count(Instant::now(), &fault.notice());
    }

    /// An answer that would have cost somebody money: out of service at once.
    pub(crate) fn integrity(&self, what: Notice) {
        let About { id, version, digest, .. } = &self.about;
        tracing::error!(driver = %id, %version, %digest, code = what.code, "driver in quarantine: {}", what.en);
        let mut record = self.lock();
        record.total = record.total.saturating_add(1);
        record.quarantine = Some(what);
    }

    /// Somebody's decision, and no fault of the driver's work: out of service.
    pub(crate) fn stop(&self, why: Notice) {
        let About { id, version, digest, .. } = &self.about;
        tracing::warn!(driver = %id, %version, %digest, code = why.code, "driver stopped: {}", why.en);
        self.lock().quarantine = Some(why);
    }

    /// A person has looked at it and lets it work again.
    pub(crate) fn release(&self) {
        let mut record = self.lock();
        record.quarantine = None;
        record.recent.clear();
    }

    fn count(&self, now: Instant, last: &Notice) {
        let mut record = self.lock();
        record.total = record.total.saturating_add(1);
        record.recent.retain(|at| now.saturating_duration_since(*at) < WINDOW);
        record.recent.push_back(now);
        if record.recent.len() >= FAULTS && record.quarantine.is_none() {
            let zh = format!("10 分钟内出现 {} 次故障，最近一次：{}", record.recent.len(), last.zh);
            let en = format!("{} faults within 10 minutes, the last one: {}", record.recent.len(), last.en);
            tracing::error!(driver = %self.about.id, digest = %self.about.digest, "driver in quarantine: {en}");
            record.quarantine = Some(Notice::new("too-many-faults", zh, en));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dianka_plugin_package::{Digest, Kind};

    fn health() -> Health {
        let version = "1.0.0".parse().unwrap();
        Health::new(About { id: "x".to_owned(), version, kind: Kind::Meter, digest: Digest::of(b"x") })
    }

    #[test]
    fn three_faults_in_ten_minutes_are_too_many() {
        let (health, start, last) = (health(), Instant::now(), Fault::TooMuchData.notice());
        health.count(start, &last);
        health.count(start + Duration::from_secs(500), &last);
        // The first one is out of the window by now.
        health.count(start + Duration::from_secs(601), &last);
        assert_eq!(health.quarantine(), None);
        health.count(start + Duration::from_secs(700), &last);
        assert_eq!(health.quarantine().unwrap().code, "too-many-faults");
        assert_eq!(health.faults(), 4);

        health.release();
        assert_eq!(health.quarantine(), None);
        health.count(start + Duration::from_secs(701), &last);
        assert_eq!(health.quarantine(), None);
    }

    #[test]
    fn one_integrity_fault_is_too_many() {
        let health = health();
        health.integrity(Notice::new("x", "错", "wrong"));
        assert_eq!(health.quarantine().unwrap().code, "x");
    }
}
