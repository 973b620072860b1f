//! Typing a token on the keypad of a virtual meter.

use actix_web::{post, web};
use dianka_lab::world::MeterId;
use dianka_plugin_host::CallError;
use dianka_plugin_host::meter::Outcome;
use dianka_plugin_host::token::TokenError;
use dianka_store::{self as store, Carrier, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::cards::InsertionView;
use super::show::{BenchMeter, meter};
use super::{model, off_thread};
use crate::auth::Guard;
use crate::auth::rights::UseBench;
use crate::drivers;
use crate::errors::Code;
use crate::http::fields;
use crate::http::problem::Problem;
use crate::sales::decide::token::{self, token_meter};
use crate::state::App;

/// What is typed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    /// The digits; spaces and hyphens between them do not count.
    #[schema(max_length = 60)]
    pub digits: String,
}

/// What the meter did with a token.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Entered {
    /// What it did, and what it shows.
    pub outcome: InsertionView,
    /// The meter now.
    pub meter: BenchMeter,
}

/// Type a token on a virtual meter's keypad
///
/// A token that the meter does not take (used, too old, another meter's, mistyped) is its answer, not an error.
#[utoipa::path(tag = "bench", operation_id = "enterBenchToken", responses((status = 200, body = Entered)))]
#[post("/bench/meters/{id}/token")]
pub async fn enter_token(
    app: App,
    op: Guard<UseBench>,
    id: web::Path<u32>,
    body: web::Json<Typed>,
) -> Result<web::Json<Entered>, Problem> {
    let world = super::world(&app, &op).await?;
    let id = MeterId(*id);
    let digits = fields::text("digits", &body.digits, 60)?;
    let known = world.clone();
    let view = off_thread(move || known.meter(id)).await?;
    let driver = model(&app, &op, view.factory_no, &view.driver_id).await?;
    if drivers::carrier(&driver) == Carrier::Card {
        return Err(Problem::new(Code::BenchNoPlace));
    }
    let read = app.store.tx(op.org, "bench_token", async |s| {
        let row = super::stocked(s, view.factory_no).await?.ok_or(StoreError::NotFound)?;
        Ok((store::meter_type_get(s, row.meter_type_id).await?, store::org_get(s).await?.code))
    });
    let (meter_type, org_code) = read.await?;
    let of_type = token_meter(&meter_type, view.factory_no)?;
    let inner = app.clone();
    let typed = off_thread(move || {
        // The bench is of a learning organisation alone.
        let keys = inner.vending.of(&org_code, true);
        let mut answer = None;
        world.key_in(id, |state| {
            let outcome = driver.enter_token(state, &of_type, &digits, &keys);
            let next = outcome.as_ref().map_or_else(|_| state.to_vec(), |outcome| outcome.state.clone());
            answer = Some(outcome.map_err(|error| refused(&driver, &error)));
            next
        })?;
        Ok((answer, meter(&world, Some(&driver), world.meter(id)?)?))
    });
    let (answer, meter) = typed.await?;
    let Outcome { accepted, loaded_wh, code, display, .. } =
        answer.ok_or_else(|| Problem::internal("the meter was not asked"))??;
    let outcome = InsertionView { accepted, loaded_wh: loaded_wh.wh(), code, display };
    Ok(web::Json(Entered { outcome, meter }))
}

/// Too few digits or too many: the keypad takes no such row.
fn refused(driver: &dianka_plugin_host::meter::MeterDriver, error: &TokenError) -> Problem {
    match error {
        TokenError::Call(CallError::Refusal(refusal)) if refusal.code == "bad-input" => {
            Problem::field("digits", "token-digits").because(refusal.to_string())
        }
        other => token::problem(driver, other),
    }
}
