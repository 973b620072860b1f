//! The migrations and the replaceable SQL files are embedded: a change of them is a change of this crate.

fn main() {
    println!("cargo::rerun-if-changed=../migrations");
}
