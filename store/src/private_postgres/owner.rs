//! Who runs Postgres: we ourselves, or `postgres` when we are root (it refuses to run as root).

use std::os::unix::fs::{MetadataExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::unistd::{Uid, User};

use super::error::{PrivatePostgresError, Result, at};

/// The user that Postgres runs as.
#[derive(Debug, Clone)]
pub(super) struct Owner {
    uid: u32,
    gid: u32,
    /// Whether we must change to it.
    change: bool,
}

impl Owner {
    pub(super) fn find() -> Result<Self> {
        if !Uid::effective().is_root() {
            let gid = nix::unistd::Gid::effective().as_raw();
            return Ok(Self { uid: Uid::effective().as_raw(), gid, change: false });
        }
        match User::from_name("postgres") {
            Ok(Some(user)) if !user.uid.is_root() => {
                Ok(Self { uid: user.uid.as_raw(), gid: user.gid.as_raw(), change: true })
            }
            _ => Err(PrivatePostgresError::NoUser),
        }
    }

    /// A command run as this user, where it can always stand, without our terminal's signals.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").stdin(Stdio::null()).env("LC_ALL", "C").process_group(0);
        for name in ["PGDATA", "PGHOST", "PGPORT", "PGUSER", "PGOPTIONS", "PGDATABASE"] {
            command.env_remove(name);
        }
        if self.change {
            // With a uid given by root, the standard library also drops root's other groups.
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Whether this user can get to `dir`.
    pub(super) fn can_enter(&self, dir: &Path) -> bool {
        if !self.change {
            return true;
        }
        let mut test = self.command(Path::new("/usr/bin/test"));
        test.arg("-x").arg(dir).stdout(Stdio::null()).stderr(Stdio::null());
        test.status().is_ok_and(|status| status.success())
    }

    /// Makes `path` this user's.
    pub(super) fn give(&self, path: &Path) -> Result<()> {
        let found = std::fs::symlink_metadata(path).map_err(at(path))?;
        if found.uid() == self.uid {
            return Ok(());
        }
        if !self.change {
            return Err(PrivatePostgresError::NotOwned(path.to_owned()));
        }
        lchown(path, Some(self.uid), Some(self.gid)).map_err(at(path))
    }

    /// Makes `dir` and all in it this user's, if it is not: the data folder may have come from elsewhere.
    pub(super) fn give_tree(&self, dir: &Path) -> Result<()> {
        if std::fs::symlink_metadata(dir).map_err(at(dir))?.uid() == self.uid {
            return Ok(());
        }
        self.give_all(dir)
    }

    fn give_all(&self, path: &Path) -> Result<()> {
        if std::fs::symlink_metadata(path).map_err(at(path))?.is_dir() {
            for entry in std::fs::read_dir(path).map_err(at(path))? {
                self.give_all(&entry.map_err(at(path))?.path())?;
            }
        }
        self.give(path)
    }
}
