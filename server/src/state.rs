//! What every handler can reach: [`AppState`].

use crate::auth::lockout::Lockout;
use crate::auth::operators::Operators;
use crate::auth::password::Passwords;
use crate::auth::seen_tokens::SeenTokens;
use crate::config::Config;
use crate::http::admission::Admission;
use crate::keys::Keys;
use crate::sales::desk::Desk;
use crate::stations::entry::EnrolLimit;
use crate::stations::hub::Hub;
use crate::vending::VendingKeys;
use actix_web::web;
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use dianka_domain::tariff::Date;
use dianka_plugin_host::Registry;
use dianka_store::Store;
use std::sync::Arc;
use tokio::sync::{Mutex, watch};

/// The state as handlers take it: `app: App`.
pub type App = web::Data<AppState>;

/// The source of the present instant. Handlers take `now` from here, once, and pass it on.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// The computer's clock.
    #[must_use]
    pub fn system() -> Clock {
        Clock(Arc::new(Utc::now))
    }

    /// Any other source, for tests.
    pub fn from_fn(f: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Clock {
        Clock(Arc::new(f))
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)()
    }
}

/// Everything that lives as long as the server.
pub struct AppState {
    /// The settings.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// The drivers.
    pub registry: Registry,
    /// The server's own keys.
    pub keys: Keys,
    /// Keys that tokens are made with.
    pub vending: VendingKeys,
    /// The present instant.
    pub clock: Clock,
    /// Bounds for changing requests.
    pub admission: Admission,
    /// Access tokens that have verified.
    pub seen_tokens: SeenTokens,
    /// Rights of operators.
    pub operators: Operators,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// Pauses after wrong passwords.
    pub lockout: Lockout,
    /// The one-time set-up token, until there is an administrator.
    pub setup_token: Mutex<Option<String>>,
    /// True from the moment that the server was asked to end.
    pub stopping: watch::Sender<bool>,
    /// Pauses after wrong enrolment codes.
    pub enrolments: EnrolLimit,
    /// Connected workstations.
    pub hub: Arc<Hub>,
    /// Sales under way.
    pub desk: Desk,
}

/// What [`AppState::new`] does not make by itself.
pub struct Parts {
    /// The settings.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// The drivers.
    pub registry: Registry,
    /// The server's own keys.
    pub keys: Keys,
    /// Keys that tokens are made with.
    pub vending: VendingKeys,
    /// The present instant.
    pub clock: Clock,
    /// The one-time set-up token, if there is no administrator yet.
    pub setup_token: Option<String>,
}

impl AppState {
    /// From its parts.
    ///
    /// # Errors
    /// When argon2 does not take the costs of the settings.
    pub fn new(parts: Parts) -> Result<AppState, argon2::Error> {
        let Parts { config, store, registry, keys, vending, clock, setup_token } = parts;
        let limits = &config.limits;
        let places = store.pool_status().max_size.saturating_mul(limits.writes_per_connection);
        Ok(AppState {
            admission: Admission::new(places, limits.retry_after_s),
            seen_tokens: SeenTokens::default(),
            operators: Operators::default(),
            passwords: Passwords::new(&config.auth)?,
            lockout: Lockout::new(&config.auth),
            setup_token: Mutex::new(setup_token),
            stopping: watch::Sender::new(false),
            enrolments: EnrolLimit::default(),
            hub: Hub::new(),
            desk: Desk::default(),
            config,
            store,
            registry,
            keys,
            vending,
            clock,
        })
    }

    /// Today in the organisation's own time: the day that a sale counts in, and that chooses the price.
    #[must_use]
    pub fn today(&self) -> Date {
        self.day_of(self.clock.now())
    }

    /// The folder of the virtual bench.
    #[must_use]
    pub fn bench_dir(&self) -> std::path::PathBuf {
        self.config.data.dir.join("bench")
    }

    /// The day of an instant in the organisation's own time.
    #[must_use]
    pub fn day_of(&self, instant: DateTime<Utc>) -> Date {
        local_day(instant, self.config.books.utc_offset_minutes)
    }
}

fn local_day(instant: DateTime<Utc>, utc_offset_minutes: i32) -> Date {
    let offset = TimeDelta::minutes(i64::from(utc_offset_minutes));
    let local = instant.checked_add_signed(offset).unwrap_or(instant).date_naive();
    let part = |n: u32| u8::try_from(n).unwrap_or(1);
    let year = u16::try_from(local.year()).unwrap_or(1).clamp(1, 9999);
    match Date::new(year, part(local.month()), part(local.day())) {
        Ok(date) => date,
        // Only a clock outside of the years 1 to 9999 could show a day that the clamped year does not have.
        Err(_) => unreachable!("both calendars are the Gregorian one"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_day_begins_at_midnight_of_the_organisation() {
        let config = crate::config::Config::embedded().unwrap();
        assert_eq!(config.books.utc_offset_minutes, 480);
        let day = |text: &str| super::local_day(text.parse().unwrap(), 480).to_string();
        assert_eq!(day("2026-11-22T15:59:59Z"), "2026-11-22");
        assert_eq!(day("2026-11-22T16:00:00Z"), "2026-11-23");
        assert_eq!(day("2024-02-28T16:00:00Z"), "2024-02-29");
    }
}
