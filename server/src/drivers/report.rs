//! GET /drivers/{sha256}/report

use crate::auth::Guard;
use crate::auth::rights::LoggedIn;
use crate::drivers::list::BothTexts;
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::state::App;
use actix_web::{get, web};
use dianka_plugin_host::package::Digest;
use dianka_plugin_host::{CheckOutcome, ConformanceCheck, ConformanceReport, Text};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// How one check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = DriverCheckOutcome)]
pub enum OutcomeView {
    /// All of it held.
    Passed,
    /// Something did not.
    Failed,
    /// There was nothing to try.
    Skipped,
}

/// One thing that did not hold.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = DriverCheckFailure)]
pub struct FailureView {
    /// What happened, and what should have.
    pub what: BothTexts,
    /// The input that shows it.
    #[schema(value_type = Object)]
    pub input: Value,
}

/// One rule, tried on many cases.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = DriverCheck)]
pub struct CheckView {
    /// `round-trip`, `torn`, ...
    pub id: String,
    /// For people.
    pub title: BothTexts,
    /// How it ended.
    pub outcome: OutcomeView,
    /// Cases tried.
    pub cases: u64,
    /// Figures, or why it was skipped.
    pub note: Option<BothTexts>,
    /// The first failures.
    pub failures: Vec<FailureView>,
}

/// What the conformance suite found about a driver when it was taken in.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = DriverReport)]
pub struct ReportView {
    /// Whether no check failed.
    pub passed: bool,
    /// Cases of all checks.
    pub cases: u64,
    /// Milliseconds that it took.
    pub took_ms: u64,
    /// The same seed makes the same cases.
    pub seed: u64,
    /// All checks, in their order.
    pub checks: Vec<CheckView>,
}

impl From<&ConformanceReport> for ReportView {
    fn from(report: &ConformanceReport) -> Self {
        Self {
            passed: report.passed,
            cases: report.cases(),
            took_ms: report.took_ms,
            seed: report.seed,
            checks: report.checks.iter().map(check).collect(),
        }
    }
}

fn check(check: &ConformanceCheck) -> CheckView {
    let failures = check.failures.iter().map(|f| FailureView { what: both(&f.what), input: f.input.clone() });
    CheckView {
        id: check.id.clone(),
        title: both(&check.title),
        outcome: match check.outcome {
            CheckOutcome::Passed => OutcomeView::Passed,
            CheckOutcome::Failed => OutcomeView::Failed,
            CheckOutcome::Skipped => OutcomeView::Skipped,
        },
        cases: check.cases,
        note: check.note.as_ref().map(both),
        failures: failures.collect(),
    }
}

fn both(text: &Text) -> BothTexts {
    BothTexts { zh: text.zh.clone(), en: text.en.clone() }
}

/// What was found when a driver was tried
///
/// Of any file that was sent in or put into the folder, taken or not, by the SHA-256 of the file. There is none of a driver
/// that came with the server.
#[utoipa::path(tag = "drivers", operation_id = "getDriverReport", params(("sha256" = String, Path)),
    responses((status = 200, body = ReportView)))]
#[get("/drivers/{sha256}/report")]
pub async fn driver_report(
    app: App,
    _op: Guard<LoggedIn>,
    sha256: web::Path<String>,
) -> Result<web::Json<ReportView>, Problem> {
    let digest: Digest = sha256.parse().map_err(|_| Problem::new(Code::NotFound))?;
    let registry = app.registry.clone();
    let report = web::block(move || registry.conformance(digest)).await.map_err(Problem::internal)?;
    report.as_ref().map(|report| web::Json(report.into())).ok_or_else(|| Problem::new(Code::NotFound))
}
