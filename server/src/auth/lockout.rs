//! Pauses after wrong passwords: they double with each further failure, up to a bound, and end by themselves.
//!
//! Kept in memory: a restart forgets them, an attacker gains a few tries by it and nothing else.

use crate::config;
use crate::errors::Code;
use crate::http::problem::Problem;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// Entries kept at most; beyond this the ones whose pause is over are forgotten.
const MOST_ENTRIES: usize = 10_000;

#[derive(Clone, Copy, Debug)]
struct Entry {
    failures: u32,
    until: DateTime<Utc>,
    last: DateTime<Utc>,
}

/// The memory of failures by operator's log-in.
#[derive(Debug)]
pub struct Lockout {
    after: u32,
    base: TimeDelta,
    most: TimeDelta,
    entries: Mutex<HashMap<(Uuid, String), Entry>>,
}

impl Lockout {
    /// By the settings.
    #[must_use]
    pub fn new(settings: &config::Auth) -> Lockout {
        Lockout {
            after: settings.lockout_after.max(1),
            base: TimeDelta::seconds(i64::from(settings.lockout_base_s)),
            most: TimeDelta::seconds(i64::from(settings.lockout_max_s)),
            entries: Mutex::default(),
        }
    }

    /// Whether a try is allowed now.
    ///
    /// # Errors
    /// `auth.locked` with `wait_s`.
    pub fn admit(&self, org: Uuid, login: &str, now: DateTime<Utc>) -> Result<(), Problem> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        match entries.get(&(org, login.to_lowercase())) {
            Some(entry) if entry.until > now => {
                let wait_s = u32::try_from((entry.until - now).num_seconds() + 1).unwrap_or(u32::MAX);
                Err(Problem::new(Code::AuthLocked).param("wait_s", wait_s).retry_after(wait_s))
            }
            _ => Ok(()),
        }
    }

    /// Notes a failure; gives the problem to answer with.
    #[must_use]
    pub fn failed(&self, org: Uuid, login: &str, now: DateTime<Utc>) -> Problem {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MOST_ENTRIES {
            let most = self.most;
            entries.retain(|_, entry| entry.last + most > now);
        }
        let entry = entries.entry((org, login.to_lowercase())).or_insert(Entry { failures: 0, until: now, last: now });
        if entry.last + self.most < now {
            entry.failures = 0;
        }
        entry.failures = entry.failures.saturating_add(1);
        entry.last = now;
        let left = self.after.saturating_sub(entry.failures);
        if left == 0 {
            let doublings = entry.failures.saturating_sub(self.after).min(20);
            let pause = TimeDelta::seconds(self.base.num_seconds().saturating_mul(1_i64 << doublings)).min(self.most);
            entry.until = now + pause;
        }
        Problem::new(Code::AuthBad).param("left", left)
    }

    /// Forgets the failures of an operator who got in.
    pub fn succeeded(&self, org: Uuid, login: &str) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).remove(&(org, login.to_lowercase()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn pauses_double_and_end() {
        let lockout = Lockout::new(&Config::embedded().unwrap().auth);
        let org = Uuid::from_u128(1);
        for left in [4, 3, 2, 1, 0] {
            lockout.admit(org, "amy", at(0)).unwrap();
            let problem = lockout.failed(org, "amy", at(0)).body(crate::http::catalogue::Language::En, "");
            assert_eq!(problem.params["left"], left);
        }
        // 5 s, then 10 s, then 20 s; another case of letters is the same operator.
        assert_eq!(lockout.admit(org, "AMY", at(4)).unwrap_err().code(), Code::AuthLocked);
        lockout.admit(org, "amy", at(5)).unwrap();
        let _ = lockout.failed(org, "amy", at(5));
        assert!(lockout.admit(org, "amy", at(14)).is_err());
        lockout.admit(org, "amy", at(15)).unwrap();
        // Nobody else waits.
        lockout.admit(org, "bob", at(6)).unwrap();
        lockout.admit(Uuid::from_u128(2), "amy", at(6)).unwrap();
        // Success clears; so does a long time without a try.
        lockout.succeeded(org, "amy");
        lockout.admit(org, "amy", at(6)).unwrap();
        for _ in 0..40 {
            let _ = lockout.failed(org, "amy", at(6));
        }
        assert!(lockout.admit(org, "amy", at(6 + 899)).is_err());
        lockout.admit(org, "amy", at(6 + 900)).unwrap();
    }
}
