//! Which files are new, changed or gone, by their times and sizes.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use dianka_plugin_package::{sidecar_path, signature_path};

use super::options::DriversDir;

/// What happened to a file since the last scan.
pub(super) enum Change {
    New { path: PathBuf, built_in: bool },
    Gone(PathBuf),
}

/// Time and size of a driver file and of its two companions.
type Look = [Option<(SystemTime, u64)>; 3];

pub(super) struct Scanner {
    dirs: Vec<DriversDir>,
    seen: BTreeMap<PathBuf, Look>,
}

impl Scanner {
    pub(super) fn new(dirs: Vec<DriversDir>) -> Self {
        Self { dirs, seen: BTreeMap::new() }
    }

    /// Makes the next scan look at this file again.
    pub(super) fn forget(&mut self, path: &Path) {
        self.seen.remove(path);
    }

    /// Files that went come first, so that a renamed driver does not meet itself.
    pub(super) fn changes(&mut self) -> Vec<Change> {
        let mut now = BTreeMap::new();
        for dir in &self.dirs {
            for path in driver_files(&dir.path) {
                let look = [look(&path), look(&signature_path(&path)), look(&sidecar_path(&path))];
                now.insert(path, (look, dir.built_in));
            }
        }
        let gone = self.seen.keys().filter(|path| !now.contains_key(*path)).cloned().map(Change::Gone);
        let mut changes: Vec<Change> = gone.collect();
        for (path, (look, built_in)) in &now {
            if self.seen.get(path) != Some(look) {
                changes.push(Change::New { path: path.clone(), built_in: *built_in });
            }
        }
        self.seen = now.into_iter().map(|(path, (look, _))| (path, look)).collect();
        changes
    }
}

/// The regular files of `dir` that end in `.wasm`. A folder that is not there is empty.
fn driver_files(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.filter(|path| path.extension().is_some_and(|end| end == "wasm") && path.is_file()).collect()
}

fn look(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata: Metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
