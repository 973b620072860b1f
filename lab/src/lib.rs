//! The lab: what a sales point has on its counter, made of files and pseudo-terminals.
//!
//! * [`card`]: what memory cards have in common; [`sle4442`], [`sle4428`], [`at24c02`]: the chips with all of their
//!   commands, their error counter, their wear and their half-written bytes.
//! * [`reader`]: readers that speak real serial protocols over a pseudo-terminal.
//! * [`power_cut`]: the end of a process, on order.
//! * [`world`]: a directory with cards, readers and meters, shared by the processes of one machine and left by a
//!   killed one exactly as a real bench would be.
//!
//! The CCID reader was accepted by a driver that nobody here wrote (`tests/peer/run`) before our own driver met it; what
//! stands behind each of the others is said in `README.md`.

pub mod at24c02;
pub mod card;
pub mod power_cut;
pub mod reader;
pub mod sle4428;
pub mod sle4442;
pub mod world;
