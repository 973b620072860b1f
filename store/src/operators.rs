//! Operators 操作人员.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::rows::OperatorRow;
use crate::schema::operator;
use crate::scope::Scoped;

/// An operator.
#[derive(Clone, PartialEq, Eq)]
pub struct Operator {
    /// Its id.
    pub operator_id: Uuid,
    /// What is typed to log in, lower case, unique in the organisation.
    pub login: String,
    /// Name of the person.
    pub name: String,
    /// Role that the rights came from.
    pub role: String,
    /// Rights, one by one.
    pub rights: Vec<String>,
    /// The hashed password in its own text form.
    pub password_hash: String,
    /// Whether the operator may log in and sell.
    pub active: bool,
}

impl std::fmt::Debug for Operator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Operator")
            .field("operator_id", &self.operator_id)
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}

/// Adds an operator. The login is stored in lower case.
///
/// # Errors
/// [`StoreError::Conflict`] `operator_login_key`.
pub async fn operator_create(s: &mut Scoped, new: &Operator) -> Result<()> {
    let org_id = s.org();
    diesel::insert_into(operator::table)
        .values((
            operator::org_id.eq(org_id),
            operator::operator_id.eq(new.operator_id),
            operator::login.eq(new.login.to_lowercase()),
            operator::name.eq(&new.name),
            operator::role.eq(&new.role),
            operator::rights.eq(&new.rights),
            operator::password_hash.eq(&new.password_hash),
            operator::status.eq(if new.active { "active" } else { "disabled" }),
        ))
        .execute(s.conn())
        .await?;
    Ok(())
}

/// The operator with this login, in any case of letters.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn operator_by_login(s: &mut Scoped, login: &str) -> Result<Operator> {
    let org_id = s.org();
    operator::table
        .filter(operator::org_id.eq(org_id).and(operator::login.eq(login.to_lowercase())))
        .select(OperatorRow::as_select())
        .first(s.conn())
        .await?
        .try_into()
}

/// One operator.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn operator_get(s: &mut Scoped, operator_id: Uuid) -> Result<Operator> {
    let org_id = s.org();
    operator::table
        .filter(operator::org_id.eq(org_id).and(operator::operator_id.eq(operator_id)))
        .select(OperatorRow::as_select())
        .first(s.conn())
        .await?
        .try_into()
}

/// All operators, by login.
///
/// # Errors
/// Those of every call.
pub async fn operator_list(s: &mut Scoped) -> Result<Vec<Operator>> {
    let org_id = s.org();
    let rows: Vec<OperatorRow> = operator::table
        .filter(operator::org_id.eq(org_id))
        .order(operator::login)
        .select(OperatorRow::as_select())
        .load(s.conn())
        .await?;
    rows.into_iter().map(Operator::try_from).collect()
}

/// How many operators there are.
///
/// # Errors
/// Those of every call.
pub async fn operator_count(s: &mut Scoped) -> Result<i64> {
    let org_id = s.org();
    Ok(operator::table.filter(operator::org_id.eq(org_id)).count().get_result(s.conn()).await?)
}

/// Sets a new password hash.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn operator_password_set(s: &mut Scoped, operator_id: Uuid, password_hash: &str) -> Result<()> {
    let org_id = s.org();
    let changed =
        diesel::update(operator::table.filter(operator::org_id.eq(org_id).and(operator::operator_id.eq(operator_id))))
            .set(operator::password_hash.eq(password_hash))
            .execute(s.conn())
            .await?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// Changes name, role, rights and whether the operator is active.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn operator_update(
    s: &mut Scoped,
    operator_id: Uuid,
    name: &str,
    role: &str,
    rights: &[String],
    active: bool,
) -> Result<()> {
    let org_id = s.org();
    let changed =
        diesel::update(operator::table.filter(operator::org_id.eq(org_id).and(operator::operator_id.eq(operator_id))))
            .set((
                operator::name.eq(name),
                operator::role.eq(role),
                operator::rights.eq(rights),
                operator::status.eq(if active { "active" } else { "disabled" }),
            ))
            .execute(s.conn())
            .await?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}
