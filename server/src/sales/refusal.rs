//! Refusals of the planner and of drivers as problems with their figures.

use dianka_domain::counter::CounterRefusal;
use dianka_domain::plan::PlanRefusal;

use crate::errors::Code;
use crate::http::problem::Problem;

fn with(code: Code, params: Vec<(&'static str, i64)>) -> Problem {
    params.into_iter().fold(Problem::new(code), |problem, (name, value)| problem.param(name, value))
}

/// The planner's.
#[must_use]
pub fn of_plan(refusal: &PlanRefusal) -> Problem {
    let code = match refusal {
        PlanRefusal::QuantityZero => Code::SaleQuantityZero,
        PlanRefusal::QuantityNegative { .. } => Code::SaleQuantityNegative,
        PlanRefusal::TooLarge { .. } => Code::SaleAboveMax,
        PlanRefusal::NotMultiple { .. } => Code::SaleNotMultiple,
        PlanRefusal::BelowMin { .. } => Code::SaleBelowMin,
        PlanRefusal::PresetFirst { .. } => Code::SalePresetFirst,
        PlanRefusal::OverHoard { .. } => Code::SaleOverHoard,
        PlanRefusal::CountExhausted { .. } => Code::SaleCountExhausted,
        PlanRefusal::Overflow => Code::NumberTooLarge,
    };
    with(code, refusal.params())
}

/// The counter's. `quantity_wh` is what the card carries, for the text about an unused card.
#[must_use]
pub fn of_counter(refusal: &CounterRefusal, quantity_wh: i64) -> Problem {
    match refusal {
        CounterRefusal::NotLoaded { sold, .. } => {
            Problem::new(Code::CardNotLoaded).param("count", *sold).param("quantity_wh", quantity_wh)
        }
        CounterRefusal::CountAhead { returned, sold } => {
            Problem::new(Code::CardCountAhead).param("card_count", *returned).param("books_count", *sold)
        }
        CounterRefusal::NotCurrentCard { card, .. } => Problem::new(Code::CardReplaced).param("card_no", *card),
        CounterRefusal::Exhausted { max } => Problem::new(Code::SaleCountExhausted).param("count", *max),
        other => Problem::new(Code::SaleRefused).param("reason", other.to_string()),
    }
}
