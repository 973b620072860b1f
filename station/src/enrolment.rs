//! What a station keeps of its enrolment, in its own folder, readable for its owner alone: keys, workstation, server.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::link::dial::{Dial, DialError};
use crate::link::websocket::Credentials;
use crate::proto::{BoxKey, EnrolledAs, Hex, SignKey};

const FILE: &str = "enrolment.json";
const UNDER_WAY: &str = "enrolling.json";

/// The station's own keys.
#[derive(Debug, Clone)]
pub struct StationKeys {
    /// Signs.
    pub sign: SignKey,
    /// Opens sealed passwords.
    pub seal: BoxKey,
}

/// Where the server is, as the installer gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerPlace {
    /// `https://host`.
    pub server: String,
    /// Certificates to believe; none: those that this computer trusts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// A line in clear may leave this computer.
    #[serde(default)]
    pub insecure_lan: bool,
}

impl ServerPlace {
    /// The line to it.
    ///
    /// # Errors
    /// [`DialError`].
    pub fn dial(&self) -> Result<Dial, DialError> {
        Dial::new(&self.server, self.ca.as_ref(), self.insecure_lan)
    }
}

/// An enrolled station.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// Its keys.
    pub keys: StationKeys,
    /// Its server.
    pub place: ServerPlace,
    /// Its organisation.
    pub org: Uuid,
    /// Its workstation.
    pub workstation_id: Uuid,
    /// The workstation's number.
    pub number: u32,
    /// The workstation's name at the enrolment.
    pub name: String,
    /// The server's ticket key.
    pub server_ticket_key: Hex,
}

#[derive(Serialize, Deserialize)]
struct Secrets {
    sign: String,
    seal: String,
}

impl Drop for Secrets {
    fn drop(&mut self) {
        use zeroize::Zeroize as _;
        self.sign.zeroize();
        self.seal.zeroize();
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    keys: Secrets,
    place: ServerPlace,
    org: Uuid,
    workstation_id: Uuid,
    number: u32,
    name: String,
    server_ticket_key: Hex,
}

#[derive(Serialize, Deserialize)]
struct UnderWay {
    code_sha256: Hex,
    keys: Secrets,
}

impl StationKeys {
    fn secrets(&self) -> Secrets {
        Secrets { sign: self.sign.to_text().to_string(), seal: self.seal.to_text().to_string() }
    }

    fn of(secrets: &Secrets) -> Option<Self> {
        Some(Self { sign: SignKey::from_text(&secrets.sign)?, seal: BoxKey::from_text(&secrets.seal)? })
    }

    /// The keys to enrol with: new ones for a new code; for the same code again the same ones, since the server may have
    /// taken them without its answer having come.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn for_code(dir: &Path, code: &str) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let code_sha256 = Hex(Sha256::digest(code.trim().as_bytes()).to_vec());
        let file = dir.join(UNDER_WAY);
        if let Ok(text) = fs::read(&file)
            && let Ok(under_way) = serde_json::from_slice::<UnderWay>(&text)
            && under_way.code_sha256 == code_sha256
            && let Some(keys) = Self::of(&under_way.keys)
        {
            return Ok(keys);
        }
        let keys = Self { sign: SignKey::generate(), seal: BoxKey::generate() };
        write_private(&file, &UnderWay { code_sha256, keys: keys.secrets() })?;
        Ok(keys)
    }
}

impl Enrolment {
    /// After the server's answer.
    #[must_use]
    pub fn new(keys: StationKeys, place: ServerPlace, enrolled: EnrolledAs) -> Self {
        let EnrolledAs { org, workstation_id, number, server_ticket_key, settings } = enrolled;
        Self { keys, place, org, workstation_id, number, name: settings.name, server_ticket_key }
    }

    /// The enrolment of a folder; `None`: there is none.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged.
    pub fn load(dir: &Path) -> io::Result<Option<Self>> {
        let file = dir.join(FILE);
        let text = match fs::read(&file) {
            Ok(text) => zeroize::Zeroizing::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let damaged = || io::Error::other(format!("{} is damaged: enrol this station again", file.display()));
        let stored: Stored = serde_json::from_slice(&text).map_err(|_| damaged())?;
        let keys = StationKeys::of(&stored.keys).ok_or_else(damaged)?;
        let Stored { place, org, workstation_id, number, name, server_ticket_key, .. } = stored;
        Ok(Some(Self { keys, place, org, workstation_id, number, name, server_ticket_key }))
    }

    /// Keeps it, whole or not at all.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn store(&self, dir: &Path) -> io::Result<()> {
        let stored = Stored {
            keys: self.keys.secrets(),
            place: self.place.clone(),
            org: self.org,
            workstation_id: self.workstation_id,
            number: self.number,
            name: self.name.clone(),
            server_ticket_key: self.server_ticket_key.clone(),
        };
        write_private(&dir.join(FILE), &stored)?;
        match fs::remove_file(dir.join(UNDER_WAY)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// What it answers the server's challenge with.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        Credentials {
            key: self.keys.sign.clone(),
            org: self.org,
            workstation_id: self.workstation_id,
            server_ticket_key: self.server_ticket_key.clone(),
        }
    }
}

/// Whole or not at all, and for its owner alone (on Windows the folder's rights decide).
fn write_private(file: &Path, content: &impl Serialize) -> io::Result<()> {
    let text = zeroize::Zeroizing::new(serde_json::to_vec_pretty(content)?);
    let draft = file.with_extension("new");
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(&draft)?;
    out.write_all(&text)?;
    out.sync_all()?;
    fs::rename(&draft, file)?;
    #[cfg(unix)]
    fs::File::open(file.parent().unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enrolment(keys: StationKeys) -> Enrolment {
        Enrolment {
            keys,
            place: ServerPlace { server: "https://sales.example".into(), ca: None, insecure_lan: false },
            org: Uuid::from_u128(1),
            workstation_id: Uuid::from_u128(2),
            number: 3,
            name: "窗口 3".into(),
            server_ticket_key: Hex(vec![4; 32]),
        }
    }

    #[test]
    fn the_same_code_is_presented_with_the_same_keys_until_the_answer_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let first = StationKeys::for_code(dir.path(), "CODE").unwrap();
        let again = StationKeys::for_code(dir.path(), " CODE ").unwrap();
        assert_eq!((first.sign.public(), first.seal.public()), (again.sign.public(), again.seal.public()));
        let other = StationKeys::for_code(dir.path(), "OTHER").unwrap();
        assert_ne!(first.sign.public(), other.sign.public());
        enrolment(other.clone()).store(dir.path()).unwrap();
        assert_ne!(StationKeys::for_code(dir.path(), "OTHER").unwrap().sign.public(), other.sign.public());
    }

    #[test]
    fn an_enrolment_survives_a_restart_and_only_its_owner_reads_it() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Enrolment::load(dir.path()).unwrap().is_none());
        let kept = enrolment(StationKeys::for_code(dir.path(), "CODE").unwrap());
        #[cfg(unix)]
        let private = |name: &str| {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(dir.path().join(name)).unwrap().permissions().mode() & 0o777, 0o600);
        };
        #[cfg(unix)]
        private(UNDER_WAY);
        kept.store(dir.path()).unwrap();
        #[cfg(unix)]
        private(FILE);
        let read = Enrolment::load(dir.path()).unwrap().unwrap();
        assert_eq!(
            (read.keys.sign.public(), read.keys.seal.public()),
            (kept.keys.sign.public(), kept.keys.seal.public())
        );
        assert_eq!((read.place, read.number, read.name), (kept.place, 3, "窗口 3".to_owned()));
        fs::write(dir.path().join(FILE), "{").unwrap();
        assert!(Enrolment::load(dir.path()).unwrap_err().to_string().contains("enrol this station again"));
    }
}
