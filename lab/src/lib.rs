//! The lab: what a sales point has on its counter, made of files and pseudo-terminals.
//!
//! * [`sle4442`]: a memory card with all of its commands, its error counter, its wear and its half-written bytes.
//! * [`ccid`]: a reader that speaks a real serial protocol over a pseudo-terminal.
//! * [`power_cut`]: the end of a process, on order.
//! * [`world`]: a directory with cards, readers and meters, shared by the processes of one machine and left by a
//!   killed one exactly as a real bench would be.
//!
//! The reader was accepted by a driver that nobody here wrote (`tests/peer/run`) before our own driver met it.

pub mod ccid;
pub mod power_cut;
pub mod sle4442;
pub mod world;
