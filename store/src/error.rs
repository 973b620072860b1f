//! What can go wrong, told apart by what the caller does next.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};
use uuid::Uuid;

/// Result of everything in this crate.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No such row in this organisation.
    #[error("not found")]
    NotFound,
    /// A unique value is taken, or the row is not in the state that the change needs.
    #[error("conflict: {constraint}")]
    Conflict {
        /// The constraint's name, for example `meter_factory_no_key`.
        constraint: String,
    },
    /// The row points at something that this organisation does not have.
    #[error("unknown reference: {constraint}")]
    Reference {
        /// The constraint's name.
        constraint: String,
    },
    /// A value that the schema refuses; callers check first, so this is a fault in the caller.
    #[error("value refused: {constraint}")]
    Invalid {
        /// The constraint's or column's name.
        constraint: String,
    },
    /// The account (or the ticket's epoch) has moved on since the decision was made: read again and decide again.
    #[error("the decision was made on figures that have changed")]
    StaleDecision,
    /// One open sale per account.
    #[error("sale {sale_id} is still open")]
    OpenSale {
        /// The sale to be finished first.
        sale_id: Uuid,
    },
    /// The id was used before with another body.
    #[error("this id was used with another content")]
    ReplayMismatch,
    /// The account is suspended or closed.
    #[error("the account is not open")]
    AccountNotOpen,
    /// The sale has ended the other way (voided where it should be confirmed, or the reverse).
    #[error("the sale has already ended otherwise")]
    AlreadyEnded,
    /// A replacement card with the sale's purchase is being made: the sale only goes forward.
    #[error("a replacement card is being made")]
    BeingReplaced,
    /// Somebody holds the row for longer than the lock time-out, or the statement took too long. Nothing was done.
    #[error("busy: {0}")]
    Busy(String),
    /// Too many are waiting for a database session. Nothing was done.
    #[error("too many requests are waiting for the database")]
    Overloaded,
    /// The database cannot be reached. Nothing was done.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The connection was lost while committing: it is unknown whether it was done. Read again by id.
    #[error("the connection was lost while committing")]
    UnclearCommit,
    /// Two concurrent transactions collided three times over. Nothing was done.
    #[error("concurrent transactions collided")]
    Collision,
    /// What the database holds contradicts itself or this version of the program.
    #[error("inconsistent: {0}")]
    Inconsistent(String),
    /// Anything else that the database said.
    #[error("database: {0}")]
    Database(String),
}

impl StoreError {
    /// Whether the same request may succeed when repeated as it is.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Overloaded | Self::Unavailable(_) | Self::UnclearCommit | Self::Collision)
    }

    pub(crate) fn conflict(constraint: &str) -> Self {
        Self::Conflict { constraint: constraint.to_owned() }
    }

    pub(crate) fn inconsistent(what: impl std::fmt::Display) -> Self {
        Self::Inconsistent(what.to_string())
    }
}

/// How a failed transaction may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// 40001 or 40P01: run it again.
    Collision,
    /// The connection is gone.
    Lost,
    /// Anything else.
    Final,
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::NotFound => Self::NotFound,
            DieselError::DatabaseError(kind, info) => from_database(kind, info.as_ref()),
            DieselError::DeserializationError(e) => Self::Inconsistent(format!("a row does not parse: {e}")),
            DieselError::BrokenTransactionManager => Self::Unavailable("the connection broke".to_owned()),
            other => Self::Database(other.to_string()),
        }
    }
}

fn from_database(kind: DatabaseErrorKind, info: &dyn DatabaseErrorInformation) -> StoreError {
    let constraint = || info.constraint_name().or(info.column_name()).unwrap_or("?").to_owned();
    match kind {
        DatabaseErrorKind::UniqueViolation => StoreError::Conflict { constraint: constraint() },
        DatabaseErrorKind::ForeignKeyViolation => StoreError::Reference { constraint: constraint() },
        DatabaseErrorKind::CheckViolation | DatabaseErrorKind::NotNullViolation => {
            StoreError::Invalid { constraint: constraint() }
        }
        DatabaseErrorKind::SerializationFailure => StoreError::Collision,
        DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection => {
            StoreError::Unavailable(info.message().to_owned())
        }
        _ => match (from_message(info.message()), info.hint()) {
            // What to do is worth more than what went wrong.
            (StoreError::Database(message), Some(hint)) => StoreError::Database(format!("{message}. {hint}")),
            (error, _) => error,
        },
    }
}

/// The connection does not pass on the SQLSTATE of these, only the text; sessions run with English messages
/// (`Store::connect` checks it).
fn from_message(message: &str) -> StoreError {
    if message.contains("deadlock detected") {
        return StoreError::Collision;
    }
    if message.contains("due to lock timeout") || message.contains("due to statement timeout") {
        return StoreError::Busy(message.to_owned());
    }
    let gone = [
        "terminating connection",
        "the database system is",
        "sorry, too many clients",
        "remaining connection slots",
        "cannot execute", // a standby: "... in a read-only transaction"
    ];
    if gone.iter().any(|text| message.contains(text)) {
        return StoreError::Unavailable(message.to_owned());
    }
    StoreError::Database(message.to_owned())
}

impl StoreError {
    pub(crate) fn failure(&self) -> Failure {
        match self {
            Self::Collision => Failure::Collision,
            Self::Unavailable(_) => Failure::Lost,
            _ => Failure::Final,
        }
    }
}
