//! Where the data and the socket are.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::error::{PrivatePostgresError, Result, at};
use super::owner::Owner;
use super::private_dir;

/// The kernel takes 107 bytes for a socket's path; its name takes 14 of them.
const LONGEST_SOCKET_DIR: usize = 92;

/// Folders of one private Postgres.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The data, once made.
    pub(super) cluster: PathBuf,
    /// The socket's folder.
    pub(super) socket: PathBuf,
    /// Its log.
    pub(super) log: PathBuf,
}

impl Place {
    pub(super) fn find(data_dir: &Path, owner: &Owner) -> Result<Self> {
        let reachable = owner.can_enter(data_dir) || opened(data_dir, owner)?;
        let link = data_dir.join("postgres");
        let cluster = match std::fs::symlink_metadata(&link) {
            Ok(found) if found.is_symlink() => linked(&link)?,
            _ if reachable => link,
            _ => elsewhere(data_dir, &link)?,
        };
        let inside = data_dir.join("socket");
        let socket = if reachable && fits(&inside) { inside } else { socket_elsewhere(data_dir) };
        private_dir(&socket, owner)?;
        Ok(Self { cluster, socket, log: data_dir.join("postgres.log") })
    }

    /// Removes the socket's folder where it is not in the data folder; the next start makes it again.
    pub(super) fn leave(&self) {
        if self.log.parent().is_some_and(|data_dir| !self.socket.starts_with(data_dir)) {
            // An empty folder that stays is no harm.
            let _ = std::fs::remove_dir(&self.socket);
        }
    }

    /// The major version that made the data; none before the first start.
    pub(super) fn version(&self) -> Result<Option<String>> {
        let path = self.cluster.join("PG_VERSION");
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text.trim().to_owned())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(at(&path)(error)),
        }
    }
}

/// Lets another user through the data folder itself (not list it), if that is all that is in the way.
fn opened(data_dir: &Path, owner: &Owner) -> Result<bool> {
    if !data_dir.parent().is_some_and(|parent| owner.can_enter(parent)) {
        return Ok(false);
    }
    let mode = std::fs::metadata(data_dir).map_err(at(data_dir))?.permissions().mode();
    std::fs::set_permissions(data_dir, std::fs::Permissions::from_mode(mode | 0o001)).map_err(at(data_dir))?;
    Ok(owner.can_enter(data_dir))
}

/// A folder above the data folder is closed to the user `postgres` (`/root`, say): the data go to `/var/lib/dianka`, and
/// the data folder gets a link to them.
fn elsewhere(data_dir: &Path, link: &Path) -> Result<PathBuf> {
    let home = PathBuf::from("/var/lib/dianka").join(mark(data_dir));
    std::fs::create_dir_all(&home).map_err(at(&home))?;
    let cluster = home.join("postgres");
    symlink(&cluster, link).map_err(at(link))?;
    tracing::info!(
        data = %cluster.display(), link = %link.display(),
        "the data folder is closed to the user postgres: the database is kept elsewhere and linked"
    );
    Ok(cluster)
}

/// Where the link of an earlier start leads.
fn linked(link: &Path) -> Result<PathBuf> {
    let cluster = std::fs::read_link(link).map_err(at(link))?;
    if let Some(home) = cluster.parent() {
        std::fs::create_dir_all(home).map_err(at(home))?;
    }
    Ok(cluster)
}

/// A plain path that is short enough; Postgres would split others at commas and spaces.
fn fits(dir: &Path) -> bool {
    dir.to_str().is_some_and(|text| {
        text.len() <= LONGEST_SOCKET_DIR && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_.-".contains(&b))
    })
}

fn socket_elsewhere(data_dir: &Path) -> PathBuf {
    let root = if nix::unistd::Uid::effective().is_root() { "/run" } else { "/tmp" };
    PathBuf::from(root).join(format!("dianka-{}", mark(data_dir)))
}

/// Tells data folders apart.
fn mark(data_dir: &Path) -> String {
    let digest = Sha256::digest(data_dir.as_os_str().as_encoded_bytes());
    hex::encode(digest.get(..8).unwrap_or_default())
}

/// The folder in which new data are made, before they take their final name.
pub(super) fn unfinished(cluster: &Path) -> Result<PathBuf> {
    let name = cluster.file_name().ok_or_else(|| PrivatePostgresError::NotADirectory(cluster.to_owned()))?;
    let mut name = name.to_owned();
    name.push(".new");
    Ok(cluster.with_file_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_odd_paths_do_not_hold_a_socket() {
        assert!(fits(Path::new("/srv/dianka/data/socket")));
        assert!(!fits(Path::new("/srv/with space/socket")));
        assert!(!fits(Path::new("/srv/数据/socket")));
        assert!(!fits(Path::new(&format!("/{}", "x".repeat(LONGEST_SOCKET_DIR)))));
    }
}
