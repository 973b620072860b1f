//! The system's Postgres binaries.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::{PrivatePostgresError, Result};

/// A folder with `postgres` and `initdb`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    dir: PathBuf,
    /// Major version, as in the file `PG_VERSION`.
    major: String,
}

impl Binaries {
    pub(super) fn postgres(&self) -> PathBuf {
        self.dir.join("postgres")
    }

    pub(super) fn initdb(&self) -> PathBuf {
        self.dir.join("initdb")
    }

    pub(super) fn major(&self) -> &str {
        &self.major
    }
}

/// The newest, or the newest that fits data made by version `needed`.
pub(super) fn find(given: Option<&Path>, needed: Option<&str>) -> Result<Binaries> {
    let mut found: Vec<Binaries> = match given {
        Some(dir) => inspect(dir).into_iter().collect(),
        None => system_dirs().iter().filter_map(|dir| inspect(dir)).collect(),
    };
    // Of the same version the first found comes last, where it is taken from.
    found.reverse();
    found.sort_by_key(|binaries| binaries.major.parse::<u32>().unwrap_or(0));
    let Some(needed) = needed else {
        return found.pop().ok_or(PrivatePostgresError::NotInstalled);
    };
    if found.is_empty() {
        return Err(PrivatePostgresError::NotInstalled);
    }
    let installed = found.iter().map(|binaries| binaries.major.clone()).collect();
    found.into_iter().rfind(|binaries| binaries.major == needed).ok_or_else(|| PrivatePostgresError::Version {
        dir: given.map_or_else(PathBuf::new, Path::to_owned),
        needed: needed.to_owned(),
        installed,
    })
}

/// Debian's folders first: what is on the PATH there is a wrapper's choice.
fn system_dirs() -> Vec<PathBuf> {
    let mut dirs: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    if let Some(path) = std::env::var_os("PATH") {
        dirs.extend(std::env::split_paths(&path));
    }
    dirs
}

fn inspect(dir: &Path) -> Option<Binaries> {
    let postgres = dir.join("postgres");
    if !postgres.is_file() || !dir.join("initdb").is_file() {
        return None;
    }
    let output = Command::new(postgres).arg("--version").output().ok()?;
    let major = major_of(&String::from_utf8(output.stdout).ok()?)?;
    Some(Binaries { dir: dir.to_owned(), major })
}

/// From `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`.
fn major_of(text: &str) -> Option<String> {
    let version = text.split_once(") ")?.1;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(major_of("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)").as_deref(), Some("15"));
        assert_eq!(major_of("postgres (PostgreSQL) 18devel").as_deref(), Some("18"));
        assert_eq!(major_of("something else"), None);
    }

    #[test]
    fn the_system_has_one() {
        let newest = find(None, None).unwrap();
        assert!(newest.postgres().is_file());
        assert!(matches!(find(None, Some("3")), Err(PrivatePostgresError::Version { .. })));
    }
}
