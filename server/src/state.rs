//! What every handler can reach: [`AppState`].

use crate::auth::key::TokenKey;
use crate::auth::operators::Operators;
use crate::config::Config;
use crate::http::admission::Admission;
use actix_web::web;
use chrono::{DateTime, Utc};
use std::sync::Arc;

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

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

/// Everything that lives as long as the server.
#[derive(Debug)]
pub struct AppState {
    /// The settings.
    pub config: Config,
    /// Signs access tokens.
    pub token_key: TokenKey,
    /// Rights of operators.
    pub operators: Operators,
    /// The present instant.
    pub clock: Clock,
    /// Bounds for changing requests.
    pub admission: Admission,
}
