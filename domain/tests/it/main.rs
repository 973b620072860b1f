//! The rules of the domain, as tests. `docs/rules-examples.md` maps every worked example to its test.
#![cfg(test)]

mod common;

mod mission_r;
mod r2_1;
mod r2_2;
mod r2_3;
mod r2_4;
mod r2_5;

mod examples_table;

mod identities;
mod nearest;

mod card_layout;
mod card_op_judge;
mod card_op_rules;
mod ledger;
mod password;
mod tariff;
mod torn;
mod units;
mod write_plan;
