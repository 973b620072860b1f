//! Meter drivers: their contract as plain types, and the handle through which they are called.

mod adapter;
mod content;
mod describe;
mod driver;
mod refusal;
mod simulator;
mod tokens;

pub(crate) use adapter::{Answer, MeterAdapter, TokenAdapter};
pub use content::{AccessRule, CalendarDate, Content, Derivation, PlanRequest, Purchase, QuantityPlan, Returned, kind};
pub use describe::{Carrier, Description, DisplayItem, ParamSpec};
pub use driver::MeterDriver;
pub use refusal::{Param, Refusal, Value};
pub use simulator::{Line, Outcome, Setup, Snapshot};
