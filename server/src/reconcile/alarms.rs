//! GET /alarms, POST /alarms/{id}/close

use actix_web::{get, post, web};
use dianka_store::{self as store, AlarmEnd, NewAudit};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::view::{AlarmView, Names};
use crate::auth::Guard;
use crate::auth::rights::{ManageOperators, ReadAnalysis};
use crate::http::fields;
use crate::http::list::{ListQuery, MOST_PER_PAGE, Page};
use crate::http::problem::Problem;
use crate::state::App;

/// Which alarms.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AlarmQuery {
    /// Also the closed ones.
    #[serde(default)]
    pub closed: bool,
}

/// Why an alarm is closed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AlarmClosing {
    /// What was found out, and what was done about it. Kept for ever.
    #[schema(max_length = 500)]
    pub reason: String,
}

/// Alarms
///
/// The newest 200, the newest first.
#[utoipa::path(tag = "reconciliation", operation_id = "listAlarms", params(AlarmQuery),
    responses((status = 200, body = Page<AlarmView>)))]
#[get("/alarms")]
pub async fn list_alarms(
    app: App,
    op: Guard<ReadAnalysis>,
    query: web::Query<AlarmQuery>,
) -> Result<web::Json<Page<AlarmView>>, Problem> {
    let (alarms, names) = app
        .store
        .tx(op.org, "alarm_list", async |s| {
            Ok((store::alarm_list(s, !query.closed, MOST_PER_PAGE).await?, Names::read(s).await?))
        })
        .await?;
    let all = ListQuery { q: None, page: None, per_page: Some(MOST_PER_PAGE) };
    Ok(web::Json(all.cut(alarms.iter().map(|alarm| AlarmView::new(alarm, &names)).collect(), |_| String::new())))
}

/// Close an alarm
///
/// With a reason, which stays. Nothing is repaired by it.
#[utoipa::path(tag = "reconciliation", operation_id = "closeAlarm", responses((status = 200, body = AlarmView)))]
#[post("/alarms/{id}/close")]
pub async fn close_alarm(
    app: App,
    op: Guard<ManageOperators>,
    id: web::Path<Uuid>,
    body: web::Json<AlarmClosing>,
) -> Result<web::Json<AlarmView>, Problem> {
    let reason = fields::text("reason", &body.reason, 500)?;
    let end = AlarmEnd { at: app.clock.now(), by: op.operator, reason };
    let (alarm, names) = app
        .store
        .tx(op.org, "alarm_close", async |s| {
            let alarm = store::alarm_close(s, *id, &end).await?;
            let audit = NewAudit {
                at: end.at,
                operator_id: Some(op.operator),
                workstation_id: None,
                action: "alarm.close".to_owned(),
                subject_kind: "alarm".to_owned(),
                subject_id: Some(alarm.alarm_id),
                detail: json!({ "invariant": alarm.subject, "found": alarm.found, "reason": end.reason }),
                request_id: Some(op.request.id.to_string()),
            };
            store::audit_add(s, &audit).await?;
            Ok((alarm, Names::read(s).await?))
        })
        .await?;
    tracing::warn!(org = %op.org, alarm = %alarm.alarm_id, invariant = alarm.subject, "an alarm was closed");
    Ok(web::Json(AlarmView::new(&alarm, &names)))
}
