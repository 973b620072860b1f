//! What the server set this workstation to, remembered over restarts.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::proto::{ReaderSettings, StationSettings};

/// The settings that were applied last.
#[derive(Debug)]
pub struct KnownSettings {
    file: PathBuf,
    current: Option<StationSettings>,
}

impl KnownSettings {
    /// Those of a folder. A damaged file counts as none: the server sends them again.
    #[must_use]
    pub fn load(dir: &Path) -> Self {
        let file = dir.join("settings.json");
        let current = fs::read(&file).ok().and_then(|text| serde_json::from_slice(&text).ok());
        Self { file, current }
    }

    /// What is set.
    #[must_use]
    pub fn current(&self) -> Option<&StationSettings> {
        self.current.as_ref()
    }

    /// Takes what the server sent. The reader, if it is another one than the server had set before.
    pub(super) fn take(&mut self, settings: StationSettings) -> Option<ReaderSettings> {
        if self.current.as_ref() == Some(&settings) {
            return None;
        }
        let before = self.current.as_ref().and_then(|known| known.reader.clone());
        let reader = settings.reader.clone().filter(|reader| before.as_ref() != Some(reader));
        if let Err(error) = self.store(&settings) {
            tracing::error!(%error, "the settings hold until the next start only");
        }
        self.current = Some(settings);
        reader
    }

    fn store(&self, settings: &StationSettings) -> io::Result<()> {
        let draft = self.file.with_extension("json.new");
        let mut out = File::create(&draft)?;
        out.write_all(&serde_json::to_vec_pretty(settings)?)?;
        out.sync_all()?;
        fs::rename(&draft, &self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::Language;

    #[test]
    fn settings_are_applied_once_and_remembered() {
        let dir = tempfile::tempdir().unwrap();
        let reader = |port: &str| Some(ReaderSettings { port: port.into(), driver: "ccid-serial".into(), baud: None });
        let mut known = KnownSettings::load(dir.path());
        let mut settings =
            StationSettings { revision: 1, name: "3".into(), language: None, log: None, reader: reader("COM3") };
        assert_eq!(known.take(settings.clone()), reader("COM3"));
        assert_eq!(known.take(settings.clone()), None, "the same again");
        let mut known = KnownSettings::load(dir.path());
        assert_eq!(known.take(settings.clone()), None, "the same again after a restart");
        (settings.revision, settings.language) = (2, Some(Language::Chinese));
        assert_eq!(known.take(settings.clone()), None, "another language is no other reader");
        (settings.revision, settings.reader) = (3, reader("COM4"));
        assert_eq!(known.take(settings.clone()), reader("COM4"));
        assert_eq!(KnownSettings::load(dir.path()).current(), Some(&settings));
        fs::write(dir.path().join("settings.json"), "{").unwrap();
        assert_eq!(KnownSettings::load(dir.path()).current(), None);
    }
}
