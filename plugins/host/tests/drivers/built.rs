//! Where the drivers that we ship are.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// The folder that `plugins/build` writes, brought up to date once for each run of the tests.
pub fn shipped() -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER
        .get_or_init(|| {
            if let Some(built) = std::env::var_os("DIANKA_DRIVERS_DIR").map(PathBuf::from).filter(|dir| dir.exists()) {
                return built;
            }
            // .../target/debug/deps/drivers-0123 -> .../target
            let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_path_buf();
            let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../build");
            let built = Command::new(script).env("CARGO_TARGET_DIR", &target).output().expect("plugins/build starts");
            assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
            target.join("drivers")
        })
        .clone()
}
