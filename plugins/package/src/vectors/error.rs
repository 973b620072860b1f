//! Why vectors cannot be used, and where.

use crate::notice::Notice;
use crate::section::SectionError;
use crate::vectors::MAX_VECTORS_BYTES;

/// Why there are no vectors to be had from a package or a file that may have some.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VectorsError {
    /// The sections of the file.
    #[error(transparent)]
    Section(#[from] SectionError),
    /// More than 512 KiB.
    #[error("the vectors have {0} bytes, more than {MAX_VECTORS_BYTES}")]
    TooLarge(usize),
    /// Not JSON at all.
    #[error("the vectors are not JSON: line {line}, column {column}: {why}")]
    Json {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// In the words of the parser.
        why: String,
    },
    /// JSON, but something in it is not what a vector has there.
    #[error("{}", self.notice().en)]
    Wrong {
        /// `cards[0].content.purchase.count`, and the vector's name if it has one.
        place: String,
        /// What is wrong there.
        what: Wrong,
    },
}

/// What is wrong at a place of the vectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// The member is not there.
    Missing,
    /// No member of this name is known; those that are.
    Unknown(Vec<&'static str>),
    /// The member is there twice.
    Twice,
    /// Not of this type, in both languages.
    Type(&'static str, &'static str),
    /// A number beyond these bounds.
    Number(i128, i128),
    /// An odd number of hexadecimal digits.
    OddHex,
    /// No hexadecimal digit at this position, counted from 1.
    Hex(usize),
    /// Bytes or digits, and how many there should be.
    Length {
        /// `true` for digits, `false` for bytes.
        digits: bool,
        /// Should be.
        expected: u64,
        /// Are.
        got: u64,
    },
    /// Something that is no digit among digits, at this position, counted from 1.
    Digit(usize),
    /// No byte at all.
    Empty,
    /// Vectors of another sort of driver; what this driver is, in both languages.
    NotOfThisDriver(&'static str, &'static str),
}

impl Wrong {
    fn code(&self) -> &'static str {
        match self {
            Self::Missing => "vectors-missing",
            Self::Unknown(_) => "vectors-unknown",
            Self::Twice => "vectors-twice",
            Self::Type(..) => "vectors-type",
            Self::Number(..) => "vectors-number",
            Self::OddHex | Self::Hex(_) => "vectors-hex",
            Self::Length { .. } | Self::Empty => "vectors-length",
            Self::Digit(_) => "vectors-digits",
            Self::NotOfThisDriver(..) => "vectors-other-driver",
        }
    }

    /// What follows the place.
    fn words(&self) -> (String, String) {
        match self {
            Self::Missing => ("缺少此项".to_owned(), "it is missing".to_owned()),
            Self::Unknown(known) => {
                let known = known.join(", ");
                (format!("没有这一项；可以有：{known}"), format!("nothing of this name is known; known are: {known}"))
            }
            Self::Twice => ("出现了两次".to_owned(), "it is there twice".to_owned()),
            Self::Type(zh, en) => (format!("应为{zh}"), format!("it should be {en}")),
            Self::Number(least, most) => (
                format!("应为 {least} 到 {most} 的整数"),
                format!("it should be a whole number from {least} to {most}"),
            ),
            Self::OddHex => (
                "十六进制位数为奇数；每个字节两位".to_owned(),
                "an odd number of hexadecimal digits; there are two for each byte".to_owned(),
            ),
            Self::Hex(at) => {
                (format!("第 {at} 个字符不是十六进制数字"), format!("character {at} is no hexadecimal digit"))
            }
            Self::Length { digits, expected, got } => {
                let (zh, en) = if *digits { ("位数字", "digits") } else { ("字节", "bytes") };
                (format!("应有 {expected} {zh}，实有 {got}"), format!("it should have {expected} {en}, and has {got}"))
            }
            Self::Digit(at) => (format!("第 {at} 个字符不是数字"), format!("character {at} is no digit")),
            Self::Empty => ("不能为空".to_owned(), "it must not be empty".to_owned()),
            Self::NotOfThisDriver(zh, en) => {
                (format!("与驱动不符：这是{zh}"), format!("it does not belong here: this is {en}"))
            }
        }
    }
}

impl VectorsError {
    pub(super) fn wrong(place: impl Into<String>, what: Wrong) -> Self {
        Self::Wrong { place: place.into(), what }
    }

    pub(super) fn json(error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let whole = error.to_string();
        let why = whole.split(" at line ").next().unwrap_or_default().to_owned();
        Self::Json { line, column, why }
    }

    /// With the name of the vector that the place is in.
    pub(super) fn named(self, name: &str) -> Self {
        match self {
            Self::Wrong { place, what } if !name.is_empty() => Self::wrong(format!("{place} (“{name}”)"), what),
            other => other,
        }
    }

    /// For the screen, in both languages, with a stable code.
    #[must_use]
    pub fn notice(&self) -> Notice {
        match self {
            Self::Section(error) => error.notice(),
            Self::TooLarge(bytes) => {
                let zh = format!("测试数据有 {bytes} 字节，超过 {MAX_VECTORS_BYTES} 字节的上限");
                let en = format!("the vectors have {bytes} bytes, more than {MAX_VECTORS_BYTES}");
                Notice::new("vectors-too-large", zh, en)
            }
            Self::Json { line, column, why } => {
                let zh = format!("测试数据不是 JSON：第 {line} 行第 {column} 列（{why}）");
                let en = format!("the vectors are not JSON: line {line}, column {column}: {why}");
                Notice::new("vectors-json", zh, en)
            }
            Self::Wrong { place, what } => {
                let (zh, en) = what.words();
                let (at_zh, at) = match place.as_str() {
                    "" => ("最外层", "at the top"),
                    place => (place, place),
                };
                Notice::new(what.code(), format!("测试数据 {at_zh}：{zh}"), format!("vectors, {at}: {en}"))
            }
        }
    }
}
