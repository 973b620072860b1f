//! Drivers written as text: honest ones, and one for each attack.

mod abi;
mod component;
mod meter;
mod reader;
mod tokens;

pub use abi::Value;
pub use component::{Component, plugc};
pub use meter::{MeterGuest, before, content, description, toy_refusal};
pub use reader::{ReaderGuest, error, read_call};
pub use tokens::{TokenAnswers, token_description, token_description_on};
