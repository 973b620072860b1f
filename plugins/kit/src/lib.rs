//! What a vendor of drivers holds in hand: a conformance check that runs a driver as the server would, and the tools to
//! start, pack, sign, look into and send one. See `docs/drivers-handbook.md`.

pub mod chance;
pub mod check;
pub mod gate;
pub mod keys;
pub mod meter;
pub mod pack;
pub mod project;
pub mod push;
pub mod reader;
pub mod report;
pub mod told;
pub mod torn;
pub mod vectors;
mod words;
