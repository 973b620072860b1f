//! The check itself: every invariant, on one snapshot.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::invariants::{ALL, Invariant};
use super::{BrokenRow, Finding, MOST_ROWS, Report, Verdict, WaitingSale};
use crate::error::{Result, StoreError};
use crate::scope::Scoped;
use crate::store::Store;

/// Bounds of a check.
#[derive(Debug, Clone, Copy)]
pub struct ReconcileOptions {
    /// Limit of the statement of one invariant.
    pub statement_timeout: Duration,
}

impl Default for ReconcileOptions {
    fn default() -> Self {
        Self { statement_timeout: Duration::from_secs(600) }
    }
}

/// A check that was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Reconciled {
    /// Everything committed before is in it. By the database's clock.
    pub snapshot_at: DateTime<Utc>,
    /// How long it took.
    pub took: Duration,
    /// What it found.
    pub report: Report,
}

/// One check of an organisation at a time, whichever server it runs on.
const TRY_LOCK: &str =
    "SELECT pg_try_advisory_xact_lock(hashtextextended('dianka.reconcile ' || $1::text, 0)) AS locked, now() AS at";

/// Sorting and hashing in a little memory, and on one core: what it needs beyond goes to disk, and sales keep the rest.
const LIMITS: &str = "SET LOCAL work_mem = '64MB'; SET LOCAL max_parallel_workers_per_gather = 0; \
    SET LOCAL jit = off; SET LOCAL statement_timeout = ";

#[derive(QueryableByName)]
struct StartRow {
    #[diesel(sql_type = Bool)]
    locked: bool,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    compared: i64,
    #[diesel(sql_type = BigInt)]
    broken: i64,
    #[diesel(sql_type = Jsonb)]
    figures: Value,
}

#[derive(QueryableByName)]
struct NamedRow {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    subject: String,
    #[diesel(sql_type = Jsonb)]
    facts: Value,
}

const WAITING: &str = "
SELECT n.sale_id, n.account_id, a.user_no, s.count, s.amount_fen, n.opened_at,
    greatest(0, floor(extract(epoch FROM now() - n.opened_at)))::INT8 AS age_s,
    n.epoch AS tickets, w.number AS workstation
FROM sale_open n
JOIN sale s ON s.org_id = n.org_id AND s.sale_id = n.sale_id
JOIN account a ON a.org_id = n.org_id AND a.account_id = n.account_id
LEFT JOIN ticket t ON t.org_id = n.org_id AND t.sale_id = n.sale_id AND t.epoch = n.epoch
LEFT JOIN workstation w ON w.org_id = t.org_id AND w.workstation_id = t.workstation_id
WHERE n.org_id = $1
ORDER BY n.opened_at, n.sale_id
LIMIT $2";

#[derive(QueryableByName)]
struct WaitingRow {
    #[diesel(sql_type = SqlUuid)]
    sale_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = BigInt)]
    user_no: i64,
    #[diesel(sql_type = Integer)]
    count: i32,
    #[diesel(sql_type = BigInt)]
    amount_fen: i64,
    #[diesel(sql_type = Timestamptz)]
    opened_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    age_s: i64,
    #[diesel(sql_type = Integer)]
    tickets: i32,
    #[diesel(sql_type = Nullable<Integer>)]
    workstation: Option<i32>,
}

impl From<WaitingRow> for WaitingSale {
    fn from(row: WaitingRow) -> Self {
        let reason = if row.tickets > 1 { "ticket.again" } else { "ticket.out" };
        Self {
            sale_id: row.sale_id,
            account_id: row.account_id,
            user_no: row.user_no,
            count: row.count,
            amount_fen: row.amount_fen,
            opened_at: row.opened_at,
            age_s: row.age_s,
            tickets: row.tickets,
            workstation: row.workstation,
            reason: reason.to_owned(),
        }
    }
}

#[derive(QueryableByName)]
struct NumberRow {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

impl Store {
    /// Checks every invariant of one organisation on one snapshot, on a session of the reports. Nothing is stored by it.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] `reconciliation_running` while another check of this organisation runs; those of every
    /// call. An invariant that cannot be checked is no error: the report says so.
    pub async fn reconcile(&self, org: Uuid, options: ReconcileOptions) -> Result<Reconciled> {
        self.report(org, "reconcile", async |s| reconcile(s, options).await).await
    }
}

async fn reconcile(s: &mut Scoped, options: ReconcileOptions) -> Result<Reconciled> {
    let org = s.org();
    let began = Instant::now();
    s.conn().batch_execute(&format!("{LIMITS}{}", options.statement_timeout.as_millis())).await?;
    let start: StartRow = sql_query(TRY_LOCK).bind::<SqlUuid, _>(org).get_result(s.conn()).await?;
    if !start.locked {
        return Err(StoreError::conflict("reconciliation_running"));
    }
    let mut findings = Vec::with_capacity(ALL.len());
    for invariant in ALL {
        findings.push(finding(s, invariant).await?);
    }
    let waiting: NumberRow = sql_query("SELECT count(*) AS number FROM sale_open WHERE org_id = $1")
        .bind::<SqlUuid, _>(org)
        .get_result(s.conn())
        .await?;
    let oldest: Vec<WaitingRow> =
        sql_query(WAITING).bind::<SqlUuid, _>(org).bind::<BigInt, _>(i64::from(MOST_ROWS)).load(s.conn()).await?;
    let oldest_waiting = oldest.into_iter().map(WaitingSale::from).collect();
    let report = Report { findings, waiting: waiting.number, oldest_waiting };
    Ok(Reconciled { snapshot_at: start.at, took: began.elapsed(), report })
}

/// One invariant. A statement that fails for its own sake says so in the report and lets the others be checked.
async fn finding(s: &mut Scoped, invariant: &Invariant) -> Result<Finding> {
    let began = Instant::now();
    s.conn().batch_execute("SAVEPOINT invariant").await?;
    let checked = checked(s, invariant).await;
    let took_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
    match checked {
        Ok(found) => {
            s.conn().batch_execute("RELEASE SAVEPOINT invariant").await?;
            Ok(Finding { took_ms, ..found })
        }
        Err(lost @ StoreError::Unavailable(_)) => Err(lost),
        Err(cause) => {
            s.conn().batch_execute("ROLLBACK TO SAVEPOINT invariant; RELEASE SAVEPOINT invariant").await?;
            Ok(Finding {
                id: invariant.id.to_owned(),
                verdict: Verdict::Unknown,
                compared: 0,
                broken: 0,
                figures: Map::new(),
                rows: Vec::new(),
                cause: Some(cause.to_string()),
                took_ms,
            })
        }
    }
}

async fn checked(s: &mut Scoped, invariant: &Invariant) -> Result<Finding> {
    let org = s.org();
    let count: CountRow = sql_query(invariant.counting()).bind::<SqlUuid, _>(org).get_result(s.conn()).await?;
    let mut rows = Vec::new();
    if count.broken > 0 {
        let named: Vec<NamedRow> = sql_query(invariant.listing())
            .bind::<SqlUuid, _>(org)
            .bind::<BigInt, _>(i64::from(MOST_ROWS))
            .load(s.conn())
            .await?;
        for row in named {
            rows.push(BrokenRow { kind: row.kind, subject: row.subject, facts: object(row.facts)? });
        }
    }
    Ok(Finding {
        id: invariant.id.to_owned(),
        verdict: if count.broken == 0 { Verdict::Holds } else { Verdict::Broken },
        compared: count.compared,
        broken: count.broken,
        figures: object(count.figures)?,
        rows,
        cause: None,
        took_ms: 0,
    })
}

fn object(value: Value) -> Result<Map<String, Value>> {
    match value {
        Value::Object(map) => Ok(map),
        other => Err(StoreError::inconsistent(format_args!("not an object: {other}"))),
    }
}
