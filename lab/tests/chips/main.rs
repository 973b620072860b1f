//! The chips beside the SLE4442, and the files that hold cards.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

mod at24c02;
mod files;
mod sle4428;
