//! The checks of reader drivers, over a line that only exists in memory: time on it costs nothing, and every byte is
//! known.

mod line;
mod play;
mod record;
mod replay;
mod transcript;
mod trouble;

pub use self::play::Subject;
pub use self::record::{RecordError, record};
pub use self::transcript::{Answer, Call, Step, Transcript, TranscriptError};
use crate::report::Check;

/// All checks of this driver, with what was recorded of it.
#[must_use]
pub fn checks(subject: &Subject, transcripts: &[Transcript]) -> Vec<Check> {
    vec![
        trouble::dead_line(subject),
        trouble::closed_port(subject),
        trouble::noise(subject),
        replay::exact(subject, transcripts),
        replay::wrong_code(subject, transcripts),
        replay::no_card(subject, transcripts),
        replay::slow(subject, transcripts),
        replay::broken_answers(subject, transcripts),
    ]
}
