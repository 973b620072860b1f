//! The pure rules of selling prepaid electricity onto cards: units, tariff, purchase planning, purchase counter, card
//! images and write plans, the states of a card operation, the ledger.
//!
//! Nothing here reads a clock, draws a random number or does input or output; there are no floating-point numbers and no
//! `as` conversions. Whatever varies from meter to meter comes in as [`facts::MeterFacts`]; time and chance are arguments.
//!
//! Units: energy is watt-hours (Wh), money is fen, a price is micro-yuan per kWh. Energy that is sold and billed
//! ([`units::RealEnergy`]) and energy that card and meter hold ([`units::MeterEnergy`], real / multiplier) are different
//! types.
#![deny(clippy::float_arithmetic, clippy::arithmetic_side_effects)]

pub mod card;
pub mod card_op;
pub mod counter;
mod exact;
pub mod facts;
pub mod ledger;
pub mod limits;
pub mod plan;
pub mod tariff;
pub mod units;
