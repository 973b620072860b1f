//! Passwords: argon2id, a bounded number of hashes at a time, off the HTTP workers.

use crate::config;
use crate::errors::Code;
use crate::http::problem::Problem;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Longest password in characters: more would only cost time.
const LONGEST: usize = 200;

/// The ten that are tried first everywhere; a longer list belongs to an administrator's policy.
const COMMON: [&str; 10] = [
    "12345678",
    "123456789",
    "1234567890",
    "password",
    "88888888",
    "11111111",
    "00000000",
    "qwertyuiop",
    "11223344",
    "87654321",
];

/// Hashes and checks passwords.
#[derive(Clone, Debug)]
pub struct Passwords {
    params: Params,
    turns: Arc<Semaphore>,
    shortest: usize,
    /// Checked against when there is no such operator, so that the answer takes as long.
    nobody: Arc<str>,
}

impl Passwords {
    /// With the cost of the settings.
    ///
    /// # Errors
    /// When argon2 does not take these costs.
    pub fn new(settings: &config::Auth) -> Result<Passwords, argon2::Error> {
        let params = Params::new(settings.hash_memory_kib, settings.hash_passes, settings.hash_lanes, None)?;
        let nobody = hash_now(&params, "nobody has this password").unwrap_or_default();
        Ok(Passwords {
            params,
            turns: Arc::new(Semaphore::new(settings.hashes_at_once)),
            shortest: settings.password_min,
            nobody: nobody.into(),
        })
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// `auth.weak_password`.
    pub async fn hash(&self, password: &str) -> Result<String, Problem> {
        let length = password.chars().count();
        if length < self.shortest || length > LONGEST || COMMON.contains(&password) {
            return Err(Problem::new(Code::AuthWeakPassword).param("min", self.shortest));
        }
        let (params, password) = (self.params.clone(), password.to_owned());
        self.in_turn(move || hash_now(&params, &password)).await?.map_err(Problem::internal)
    }

    /// Whether the password fits the hash; without a hash it takes the same time and is false.
    ///
    /// # Errors
    /// `server.internal` when the thread cannot run.
    pub async fn fits(&self, password: &str, hash: Option<&str>) -> Result<bool, Problem> {
        if password.chars().count() > LONGEST {
            return Ok(false);
        }
        let known = hash.is_some();
        let (hash, password) = (hash.unwrap_or(&self.nobody).to_owned(), password.to_owned());
        let fits = move || {
            PasswordHash::new(&hash)
                .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
        };
        Ok(self.in_turn(fits).await? && known)
    }

    /// One hash holds 64 MiB: a burst of log-ins waits here instead of in the memory.
    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let turn = self.turns.acquire().await.map_err(Problem::internal)?;
        let done = tokio::task::spawn_blocking(work).await.map_err(Problem::internal);
        drop(turn);
        done
    }
}

fn hash_now(params: &Params, password: &str) -> Result<String, argon2::password_hash::Error> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    Ok(argon2.hash_password(password.as_bytes())?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn cheap() -> Passwords {
        let settings = config::Auth { hash_memory_kib: 64, hash_passes: 1, ..Config::embedded().unwrap().auth };
        Passwords::new(&settings).unwrap()
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let passwords = cheap();
        let hash = passwords.hash("电卡-售电-2026").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
        assert!(passwords.fits("电卡-售电-2026", Some(&hash)).await.unwrap());
        assert!(!passwords.fits("电卡-售电-2027", Some(&hash)).await.unwrap());
        assert!(!passwords.fits("nobody has this password", None).await.unwrap());
        assert!(!passwords.fits("x", Some("not a hash")).await.unwrap());
        assert_ne!(hash, passwords.hash("电卡-售电-2026").await.unwrap(), "the salt differs");
    }

    #[tokio::test]
    async fn weak_passwords_are_refused() {
        for weak in ["short", "12345678", &"x".repeat(201)] {
            let refused = cheap().hash(weak).await.unwrap_err();
            assert_eq!(refused.code(), Code::AuthWeakPassword);
        }
    }

    #[test]
    fn the_shipped_cost_is_above_the_floor() {
        let auth = Config::embedded().unwrap().auth;
        assert_eq!((auth.hash_memory_kib, auth.hash_passes, auth.hash_lanes), (65_536, 3, 1));
    }
}
