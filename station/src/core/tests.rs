//! The machine against the lab's card, by itself: no reader, no driver, no port. Every operation on every cell is torn,
//! every command fails in every way, and the rules that must never break are checked on every single step.

mod accepting;
mod bench;
mod failing;
mod order;
mod torn;
mod tries;
