//! `dianka-load`: many stations at one server: how many are held, how fast they sell, how soon they sell again after a kill.

use std::process::ExitCode;

#[path = "../load/mod.rs"]
mod load;

#[tokio::main]
async fn main() -> ExitCode {
    match load::run(std::env::args().skip(1)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("dianka-load: {failure}");
            ExitCode::FAILURE
        }
    }
}
