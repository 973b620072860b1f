//! Writes a driver's vectors: cards or tokens of every kind that it declares, made by the driver itself in the sandbox. They
//! say what the driver does; whether that is right, the vendor sees by comparing them with real cards and meters.

use std::path::Path;

use dianka_plugin_host::Text;
use dianka_plugin_host::meter::Carrier;
use dianka_plugin_package::{MAX_VECTORS_BYTES, Notice, Vectors, VectorsError};

use super::{cards, shape, tokens};
use crate::check::{self, CheckError};
use crate::report::{Check, Lang};
use crate::told::Told;

/// Cases that one kind is looked for with.
const CASES: u64 = 200;

/// Why there are no vectors.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// It could not be looked at.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// A server would refuse it.
    #[error("{}: {}", .0.code, .0.en)]
    Refused(Notice),
    /// A reader's vectors are what was recorded.
    #[error("a reader's vectors are its transcripts")]
    Reader,
    /// The driver does not do what a vector says.
    #[error("{}", .0.en)]
    Driver(Text),
    /// More than a package takes, or not as a package takes it.
    #[error(transparent)]
    Vectors(#[from] VectorsError),
}

impl Told for MakeError {
    fn notice(&self) -> Notice {
        match self {
            Self::Check(error) => error.notice(),
            Self::Refused(notice) => notice.clone(),
            Self::Reader => Notice::new(
                "reader-has-transcripts",
                "读卡器驱动的测试数据就是通信记录：用 record 录制，再用 pack --transcript 放进包里",
                "a reader's vectors are its transcripts: make them with record, and pack them with pack --transcript",
            ),
            Self::Driver(what) => Notice::new(
                "driver-fails",
                format!("驱动自己生成的内容没有通过；先用 check 找出原因：{}", what.zh),
                format!("what the driver makes by itself does not hold; see check first: {}", what.en),
            ),
            Self::Vectors(error) => error.notice(),
        }
    }
}

/// The vectors of the driver in `bytes`. The same `seed` makes the same ones; their names are in `lang`.
///
/// # Errors
/// See [`MakeError`].
pub fn make(bytes: &[u8], plugc: &Path, seed: u64, lang: Lang) -> Result<Vectors, MakeError> {
    let subject = check::subject(bytes, plugc, seed, CASES)?.map_err(MakeError::Refused)?;
    let subject = subject.ok_or(MakeError::Reader)?;
    let mut check = Check::new("vectors", "", "");
    let vectors = match subject.driver.describe().carrier {
        Carrier::Card => Vectors { cards: cards::make(&subject, &mut check, lang), ..Vectors::default() },
        Carrier::Token => Vectors { tokens: tokens::make(&subject, &mut check, lang), ..Vectors::default() },
    };
    if let Some(failure) = check.failures.into_iter().next() {
        return Err(MakeError::Driver(failure.what));
    }
    vectors.fit(shape(&subject.driver))?;
    // As a server will: what is written here is not refused there.
    let tried = super::meter(&subject, &vectors);
    if let Some(failure) = tried.failures.into_iter().next() {
        return Err(MakeError::Driver(failure.what));
    }
    Ok(vectors)
}

/// The file: JSON that `pack --vectors` takes.
///
/// # Errors
/// More than a package takes.
pub fn to_text(vectors: &Vectors) -> Result<String, MakeError> {
    let mut text = serde_json::to_string_pretty(vectors).unwrap_or_default();
    text.push('\n');
    if text.len() > MAX_VECTORS_BYTES {
        return Err(VectorsError::TooLarge(text.len()).into());
    }
    // Whatever is written reads back.
    Vectors::parse(text.as_bytes())?;
    Ok(text)
}
