//! Figures: what both measuring programs print, and what they read from the machine.

pub mod machine;
pub mod table;
