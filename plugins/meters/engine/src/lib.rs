//! One engine for prepayment meters that take memory cards.
//!
//! What a meter maker decides is data: a [`Profile`] (addresses, frames, fields, codings, the rule of the password) and
//! a [`Standard`] (who deducts the preset quantity, the least purchase, names). The engine reads and writes cards by
//! it, plans quantities by it, and runs the virtual meter by it. It has no clock, no keys and no state of its own.

pub mod access;
pub mod card;
pub mod component;
pub mod decode;
pub mod describe;
pub mod displays;
pub mod encode;
pub mod fields;
pub mod frame;
pub mod meter;
pub mod open_a;
pub mod plan;
pub mod profile;
pub mod refuse;

pub use component::{Driver, Rules};
pub use dianka_sdk::meter::types;
pub use profile::{PresetBy, Profile, Standard};
