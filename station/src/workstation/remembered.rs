//! Port and driver of a workstation, remembered over restarts.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::proto::ReaderSettings;

/// What a person chose last, in the configuration of the program or on the page of the workstation.
#[derive(Debug)]
pub struct Remembered {
    file: PathBuf,
    given: Option<ReaderSettings>,
    current: Option<ReaderSettings>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    /// What the program was started with when the page changed it.
    given: Option<ReaderSettings>,
    chosen: ReaderSettings,
}

impl Remembered {
    /// What to use: what was chosen on the page, unless the program is started with something else than it was then,
    /// which is the newer word.
    ///
    /// # Errors
    /// The file cannot be read, or is not ours.
    pub fn load(dir: &Path, given: Option<ReaderSettings>) -> io::Result<Self> {
        let file = dir.join("reader.json");
        let stored: Option<Stored> = match std::fs::read(&file) {
            Ok(text) => Some(serde_json::from_slice(&text)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let chosen = stored.filter(|stored| stored.given == given).map(|stored| stored.chosen);
        let current = chosen.or_else(|| given.clone());
        Ok(Self { file, given, current })
    }

    /// What is in use.
    #[must_use]
    pub fn current(&self) -> Option<&ReaderSettings> {
        self.current.as_ref()
    }

    /// Uses something else from now on, also after a restart.
    ///
    /// # Errors
    /// It cannot be stored; it is used all the same.
    pub fn remember(&mut self, chosen: ReaderSettings) -> io::Result<()> {
        self.current = Some(chosen.clone());
        let text = serde_json::to_vec_pretty(&Stored { given: self.given.clone(), chosen })?;
        let aside = self.file.with_extension("json.new");
        let mut out = File::create(&aside)?;
        out.write_all(&text)?;
        out.sync_all()?;
        std::fs::rename(&aside, &self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(port: &str) -> Option<ReaderSettings> {
        Some(ReaderSettings { port: port.into(), driver: "ccid-serial".into(), baud: None })
    }

    #[test]
    fn the_newest_word_of_a_person_counts() {
        let dir = tempfile::tempdir().unwrap();
        let mut first = Remembered::load(dir.path(), settings("/dev/a")).unwrap();
        assert_eq!(first.current(), settings("/dev/a").as_ref());
        first.remember(settings("/dev/b").unwrap()).unwrap();
        assert_eq!(first.current(), settings("/dev/b").as_ref());
        // Started the same way again: what was chosen on the page holds.
        assert_eq!(Remembered::load(dir.path(), settings("/dev/a")).unwrap().current(), settings("/dev/b").as_ref());
        // Started another way: that is newer.
        assert_eq!(Remembered::load(dir.path(), settings("/dev/c")).unwrap().current(), settings("/dev/c").as_ref());
    }
}
