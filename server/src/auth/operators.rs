//! What each logged-in operator may do, as the database has it, remembered for a moment: a token does not carry
//! rights, so that taking one away does not wait for the token to run out.

use crate::auth::rights::Rights;
use crate::auth::token::Claims;
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::AppState;
use dianka_store::{self as store, StoreError};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How long a change of rights made through another server may go unnoticed.
const REMEMBERED: Duration = Duration::from_secs(1);

/// The memory of rights.
#[derive(Debug, Default)]
pub struct Operators {
    known: Mutex<HashMap<(Uuid, Uuid), (Rights, Instant)>>,
}

impl Operators {
    /// The rights of the operator that these claims name.
    ///
    /// # Errors
    /// `auth.required` for an operator who does not exist or is blocked; those of the store.
    pub async fn rights(&self, app: &AppState, claims: &Claims) -> Result<Rights, Problem> {
        let key = (claims.org, claims.sub);
        let remembered = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied();
        if let Some((rights, at)) = remembered
            && at.elapsed() < REMEMBERED
        {
            return Ok(rights);
        }
        let found = app.store.tx(key.0, "rights", async |s| store::operator_get(s, key.1).await).await;
        let operator = match found {
            Ok(operator) if operator.active => operator,
            Ok(_) => return Err(self.gone(key, "operator is blocked")),
            Err(StoreError::NotFound) => return Err(self.gone(key, "no such operator")),
            Err(error) => return Err(error.into()),
        };
        let rights: Rights = operator.rights.iter().map(String::as_str).collect();
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, (rights, Instant::now()));
        Ok(rights)
    }

    /// Forgets an operator whose rights were just changed.
    pub fn forget(&self, org: Uuid, operator: Uuid) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(&(org, operator));
    }

    fn gone(&self, key: (Uuid, Uuid), why: &str) -> Problem {
        self.forget(key.0, key.1);
        Problem::new(Code::AuthRequired).because(why)
    }
}
