//! What the server set this workstation to, remembered over restarts.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::proto::{ReaderSettings, StationSettings};

/// What the reader's thread is told of new settings.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct News {
    /// Another reader than the server had set before.
    pub(super) reader: Option<ReaderSettings>,
    /// The chosen versions of drivers, when they are not those of before.
    pub(super) versions: Option<BTreeMap<String, String>>,
}

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

    /// Versions of reader drivers that were chosen for this workstation, by driver id.
    #[must_use]
    pub fn versions(&self) -> BTreeMap<String, String> {
        self.current.as_ref().map(|known| known.drivers.clone()).unwrap_or_default()
    }

    /// Takes what the server sent. What the reader's thread must hear of it is what is not as it was.
    pub(super) fn take(&mut self, settings: StationSettings) -> News {
        if self.current.as_ref() == Some(&settings) {
            return News::default();
        }
        let before = self.current.as_ref().and_then(|known| known.reader.clone());
        let reader = settings.reader.clone().filter(|reader| before.as_ref() != Some(reader));
        let versions = (self.versions() != settings.drivers).then(|| settings.drivers.clone());
        if let Err(error) = self.store(&settings) {
            tracing::error!(%error, "the settings hold until the next start only");
        }
        self.current = Some(settings);
        News { reader, versions }
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
        let drivers = BTreeMap::new();
        let mut settings = StationSettings {
            revision: 1,
            name: "3".into(),
            language: None,
            log: None,
            reader: reader("COM3"),
            drivers,
        };
        let other_reader = |port: &str| News { reader: reader(port), versions: None };
        assert_eq!(known.take(settings.clone()), other_reader("COM3"));
        assert_eq!(known.take(settings.clone()), News::default(), "the same again");
        let mut known = KnownSettings::load(dir.path());
        assert_eq!(known.take(settings.clone()), News::default(), "the same again after a restart");
        (settings.revision, settings.language) = (2, Some(Language::Chinese));
        assert_eq!(known.take(settings.clone()), News::default(), "another language is no other reader");
        (settings.revision, settings.reader) = (3, reader("COM4"));
        assert_eq!(known.take(settings.clone()), other_reader("COM4"));
        let chosen = BTreeMap::from([("ccid-serial".to_owned(), "1.0.0".to_owned())]);
        settings.drivers = chosen.clone();
        assert_eq!(known.take(settings.clone()), News { reader: None, versions: Some(chosen.clone()) });
        assert_eq!(KnownSettings::load(dir.path()).versions(), chosen);
        assert_eq!(KnownSettings::load(dir.path()).current(), Some(&settings));
        fs::write(dir.path().join("settings.json"), "{").unwrap();
        assert_eq!(KnownSettings::load(dir.path()).current(), None);
    }
}
