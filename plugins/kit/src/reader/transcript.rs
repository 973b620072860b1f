//! What was said on a line, and by which calls.
//!
//! One step a line: `C` a call of the driver and what it must answer, `H` what the host then sends, `R` what the reader
//! answers, both in hexadecimal; `#` a remark.
//!
//! ```text
//! C present FFFFFF = wrong-code
//! H 03 06 6F 08 ...
//! R 03 06 80 02 ...
//! ```

use std::fmt;

use dianka_plugin_host::Text;
use dianka_plugin_host::reader::ReaderErrorKind;
use dianka_plugin_package::Notice;

use crate::report::say;
use crate::told::Told;

/// A call of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// `probe`
    Probe,
    /// `poll`
    Poll,
    /// `power-on`
    PowerOn,
    /// `read OFFSET LEN`, decimal.
    Read(u32, u32),
    /// `error-counter`
    ErrorCounter,
    /// `present HEX`
    Present(Vec<u8>),
    /// `write OFFSET HEX`
    Write(u32, Vec<u8>),
    /// `change-code HEX`
    ChangeCode(Vec<u8>),
    /// `power-off`
    PowerOff,
}

/// What a call answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// `ok`: it worked, and there is nothing more to say (or to compare).
    Done,
    /// `true` or `false`, of `poll`.
    Flag(bool),
    /// `0` to `3`, of `error-counter`.
    Tries(u8),
    /// Hexadecimal, of `read`.
    Bytes(Vec<u8>),
    /// `no-card`, `wrong-code`, ...: the contract's kinds of errors.
    Error(ReaderErrorKind),
}

/// One line of a transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// `C`
    Call(Call, Answer),
    /// `H`
    Host(Vec<u8>),
    /// `R`
    Reader(Vec<u8>),
}

/// A recorded line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    /// Where it comes from, for the report.
    pub name: String,
    /// In their order.
    pub steps: Vec<Step>,
}

/// A line that is no step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}:{line}: {}", .why.en)]
pub struct TranscriptError {
    /// The transcript.
    pub name: String,
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub why: Text,
}

impl Told for TranscriptError {
    fn notice(&self) -> Notice {
        let Self { name, line, why } = self;
        Notice::new(
            "transcript",
            format!("通信记录 {name} 第 {line} 行：{}", why.zh),
            format!("transcript {name}, line {line}: {}", why.en),
        )
    }
}

impl Transcript {
    /// Reads the text of a transcript. Without any call, it is one of `probe, poll, power-on, read all, error-counter,
    /// power-off`.
    pub fn parse(name: &str, text: &str) -> Result<Self, TranscriptError> {
        let mut steps = Vec::new();
        for (line, number) in text.lines().zip(1..) {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let step = step(line).map_err(|why| TranscriptError { name: name.to_owned(), line: number, why })?;
            steps.push(step);
        }
        Ok(Self { name: name.to_owned(), steps })
    }

    /// The calls, with what they must answer.
    #[must_use]
    pub fn calls(&self) -> Vec<(Call, Answer)> {
        let calls = self.steps.iter().filter_map(|step| match step {
            Step::Call(call, answer) => Some((call.clone(), answer.clone())),
            Step::Host(_) | Step::Reader(_) => None,
        });
        let calls: Vec<_> = calls.collect();
        if !calls.is_empty() {
            return calls;
        }
        let usual = [Call::Probe, Call::Poll, Call::PowerOn, Call::Read(0, 256), Call::ErrorCounter, Call::PowerOff];
        usual.into_iter().map(|call| (call, Answer::Done)).collect()
    }
}

impl Answer {
    /// Whether `other` is what this one expects.
    #[must_use]
    pub fn fits(&self, other: &Self) -> bool {
        self == other || (*self == Self::Done && !matches!(other, Self::Error(_)))
    }
}

fn step(line: &str) -> Result<Step, Text> {
    let (letter, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    match letter {
        "H" => bytes(rest).map(Step::Host),
        "R" => bytes(rest).map(Step::Reader),
        "C" => {
            let (said, expected) = rest.split_once('=').unwrap_or((rest, "ok"));
            let call = call(said.trim())?;
            let answer = answer(&call, expected.trim())?;
            Ok(Step::Call(call, answer))
        }
        other => Err(say(
            format!("一行应以 C、H、R 或 # 开头，不能是“{other}”"),
            format!("a line begins with C, H, R or #, not with “{other}”"),
        )),
    }
}

fn call(text: &str) -> Result<Call, Text> {
    let mut words = text.split_whitespace();
    let (name, rest) = (words.next().unwrap_or_default(), words.collect::<Vec<_>>());
    let number = |text: &str| {
        text.parse::<u32>().map_err(|_| say(format!("“{text}”不是数字"), format!("“{text}” is not a number")))
    };
    match (name, rest.as_slice()) {
        ("probe", []) => Ok(Call::Probe),
        ("poll", []) => Ok(Call::Poll),
        ("power-on", []) => Ok(Call::PowerOn),
        ("error-counter", []) => Ok(Call::ErrorCounter),
        ("power-off", []) => Ok(Call::PowerOff),
        ("read", [offset, len]) => Ok(Call::Read(number(offset)?, number(len)?)),
        ("write", [offset, hex @ ..]) => Ok(Call::Write(number(offset)?, bytes(&hex.concat())?)),
        ("present", hex) => Ok(Call::Present(bytes(&hex.concat())?)),
        ("change-code", hex) => Ok(Call::ChangeCode(bytes(&hex.concat())?)),
        _ => Err(say(format!("“{text}”不是一个带参数的调用"), format!("“{text}” is not a call with its arguments"))),
    }
}

fn answer(call: &Call, text: &str) -> Result<Answer, Text> {
    if text == "ok" {
        return Ok(Answer::Done);
    }
    match call {
        Call::Poll if text == "true" || text == "false" => return Ok(Answer::Flag(text == "true")),
        Call::ErrorCounter => {
            if let Ok(tries) = text.parse() {
                return Ok(Answer::Tries(tries));
            }
        }
        Call::Read(..) => {
            if let Ok(bytes) = bytes(text) {
                return Ok(Answer::Bytes(bytes));
            }
        }
        _ => {}
    }
    let kind = serde_json::from_value(serde_json::Value::from(text));
    kind.map(Answer::Error)
        .map_err(|_| say(format!("“{text}”不是这个调用的结果"), format!("“{text}” is no answer of this call")))
}

fn bytes(text: &str) -> Result<Vec<u8>, Text> {
    let digits: String = text.split_whitespace().collect();
    hex::decode(&digits).map_err(|_| {
        say(
            format!("“{text}”不是十六进制字节（每个字节两位）"),
            format!("“{text}” is not bytes in hexadecimal (two digits each)"),
        )
    })
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Probe => f.write_str("probe"),
            Self::Poll => f.write_str("poll"),
            Self::PowerOn => f.write_str("power-on"),
            Self::Read(offset, len) => write!(f, "read {offset} {len}"),
            Self::ErrorCounter => f.write_str("error-counter"),
            Self::Present(code) => write!(f, "present {}", hex::encode_upper(code)),
            Self::Write(offset, bytes) => write!(f, "write {offset} {}", hex::encode_upper(bytes)),
            Self::ChangeCode(code) => write!(f, "change-code {}", hex::encode_upper(code)),
            Self::PowerOff => f.write_str("power-off"),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("ok"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Tries(tries) => write!(f, "{tries}"),
            Self::Bytes(bytes) => f.write_str(&hex::encode_upper(bytes)),
            Self::Error(kind) => {
                let name = serde_json::to_value(kind).unwrap_or_default();
                f.write_str(name.as_str().unwrap_or_default())
            }
        }
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spaced = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ");
        for step in &self.steps {
            match step {
                Step::Call(call, answer) => writeln!(f, "C {call} = {answer}")?,
                Step::Host(bytes) => writeln!(f, "H {}", spaced(bytes))?,
                Step::Reader(bytes) => writeln!(f, "R {}", spaced(bytes))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_reads_and_writes() {
        let text = "C probe = ok\nH 01 02\nR 03\nC poll = false\nC error-counter = 2\nC read 0 2 = A213\n\
                    C write 32 AABB = ok\nC present FFFFFF = wrong-code\nC power-off = no-card\n";
        let read = Transcript::parse("t", text).unwrap();
        assert_eq!(read.to_string(), text);
        assert_eq!(read.calls().len(), 7);
        // Remarks, free spacing, and no calls at all.
        let bare = Transcript::parse("t", "# a line\n  H 0102 # sent\n\nR 03\n").unwrap();
        assert_eq!(bare.steps, [Step::Host(vec![1, 2]), Step::Reader(vec![3])]);
        assert_eq!(bare.calls().len(), 6);
        for wrong in ["X 01", "H 0", "H zz", "C jump", "C read 0", "C poll = 3", "C present FF = maybe"] {
            assert_eq!(Transcript::parse("t", wrong).unwrap_err().line, 1, "{wrong}");
        }
    }

    #[test]
    fn ok_fits_every_good_answer() {
        assert!(Answer::Done.fits(&Answer::Bytes(vec![1])));
        assert!(!Answer::Done.fits(&Answer::Error(ReaderErrorKind::NoCard)));
        assert!(!Answer::Flag(true).fits(&Answer::Flag(false)));
    }
}
