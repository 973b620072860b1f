//! A POST that makes something, sent twice: the client makes the id, so the second one is answered like the first.

use crate::errors::Code;
use crate::http::problem::Problem;
use dianka_store::StoreError;

/// Decides about a creation that met a row with the same id or another unique value: `existing` is the row with the
/// id of the request, if there is one.
///
/// # Errors
/// `request.id_reused` when it has other content; otherwise what the store said.
pub fn same_or<T>(
    conflict: StoreError,
    existing: Result<T, StoreError>,
    same: impl FnOnce(&T) -> bool,
    otherwise: impl FnOnce(StoreError) -> Problem,
) -> Result<T, Problem> {
    match existing {
        Ok(existing) if same(&existing) => Ok(existing),
        Ok(_) => Err(Problem::new(Code::IdReused)),
        Err(StoreError::NotFound) => Err(otherwise(conflict)),
        Err(error) => Err(error.into()),
    }
}
