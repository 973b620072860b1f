//! `dianka-bench`: the figures of docs/figures.md, measured as ratios, side by side and in turns, on real processes.

use std::process::ExitCode;

#[path = "../bench/mod.rs"]
mod bench;

#[tokio::main]
async fn main() -> ExitCode {
    match bench::run(std::env::args().skip(1)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("dianka-bench: {failure}");
            ExitCode::FAILURE
        }
    }
}
