//! Schedules of failures, drawn from a seed, against the shipping rules.
//!
//! What ships is driven, not copied: `dianka_domain` decides (operations, ledger, counter, plans, images, passwords),
//! `dianka_station` accepts tickets, orders their steps, keeps its journal and speaks its messages, the chips are
//! `dianka_lab`'s with their half-written cells, cards and meters are the shipped standards' (their engine native, or the
//! components themselves). Simulated are the rows of the database with their transactions, the server's memory, the
//! lines, the disk under the journal, clerks, customers, and whatever pulls, cuts and kills.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a simulation may stop at the first surprise"
)]

pub mod act;
pub mod chance;
pub mod check;
pub mod client;
pub mod db;
pub mod defect;
pub mod disk;
pub mod mode;
pub mod run;
pub mod server;
pub mod standard;
pub mod station;
pub mod torn;
pub mod world;
