//! Recorded lines, replayed as they were and with something wrong.

use dianka_plugin_host::reader::ReaderErrorKind;
use serde_json::{Value, json};

use super::line::{Line, Trouble};
use super::play::{Played, Subject, times_sent};
use super::transcript::{Answer, Call, Step, Transcript};
use crate::chance::Chance;
use crate::report::{Check, say};

/// Byte for byte what was recorded, with the recorded answers.
pub(super) fn exact(subject: &Subject, transcripts: &[Transcript]) -> Check {
    let mut check = Check::new("replay", "按记录逐字节重放", "transcripts are replayed byte for byte");
    if needs(&mut check, !transcripts.is_empty(), "任何一次会话", "any session") {
        for transcript in transcripts {
            run(subject, &mut check, transcript, Trouble::None);
        }
    }
    check
}

/// A wrong password costs one try.
pub(super) fn wrong_code(subject: &Subject, transcripts: &[Transcript]) -> Check {
    let mut check = Check::new("wrong-code", "密码错误只用掉一次机会", "a wrong password spends one try");
    let with: Vec<_> = with_error(transcripts, ReaderErrorKind::WrongCode);
    if needs(&mut check, !with.is_empty(), "present … = wrong-code", "present … = wrong-code") {
        for transcript in with {
            run(subject, &mut check, transcript, Trouble::None);
        }
    }
    check
}

/// A card that was pulled is told as such.
pub(super) fn no_card(subject: &Subject, transcripts: &[Transcript]) -> Check {
    let mut check = Check::new("no-card", "取走卡片时给出 no-card", "a card that is pulled is no-card");
    let with: Vec<_> = with_error(transcripts, ReaderErrorKind::NoCard);
    if needs(&mut check, !with.is_empty(), "… = no-card", "… = no-card") {
        for transcript in with {
            run(subject, &mut check, transcript, Trouble::None);
        }
    }
    check
}

/// Late and one by one, the same bytes mean the same.
pub(super) fn slow(subject: &Subject, transcripts: &[Transcript]) -> Check {
    let mut check = Check::new("slow", "慢速线路：结果不变", "a slow line changes nothing");
    if needs(&mut check, !transcripts.is_empty(), "任何一次会话", "any session") {
        for transcript in transcripts {
            run(subject, &mut check, transcript, Trouble::Slow);
        }
    }
    check
}

/// Each answer in turn missing, cut short, or replaced by noise.
pub(super) fn broken_answers(subject: &Subject, transcripts: &[Transcript]) -> Check {
    let mut check = Check::new(
        "broken-answers",
        "任一应答缺失、截断或变成乱码：以错误结束，密码不重发",
        "any answer missing, cut short or garbled: an error, and no second try of the password",
    );
    if !needs(&mut check, !transcripts.is_empty(), "任何一次会话", "any session") {
        return check;
    }
    let mut chance = Chance::new(subject.seed);
    for transcript in transcripts {
        let answers = transcript.steps.iter().filter(|step| matches!(step, Step::Reader(_))).count();
        for at in 0..answers {
            // 15h is NAK in many protocols: "I did not get that", which is not this trouble.
            let noise = (0..chance.within(1, 40)).map(|_| u8::try_from(chance.next() & 0xFF).unwrap_or_default());
            let noise = noise.map(|byte| if byte == 0x15 { 0x14 } else { byte }).collect();
            for trouble in [Trouble::Silent(at), Trouble::Cut(at), Trouble::Garbage(at, noise)] {
                if check.is_full() {
                    return check;
                }
                broken(subject, &mut check, transcript, trouble);
            }
        }
    }
    check
}

fn with_error(transcripts: &[Transcript], kind: ReaderErrorKind) -> Vec<&Transcript> {
    let has = |transcript: &&Transcript| transcript.calls().iter().any(|(_, answer)| *answer == Answer::Error(kind));
    transcripts.iter().filter(has).collect()
}

/// Without a recording nothing can be said, and that is said.
fn needs(check: &mut Check, there: bool, zh: &str, en: &str) -> bool {
    if !there {
        let zh = format!("需要用 --transcript 给出含“{zh}”的记录");
        check.skip(say(zh, format!("needs a --transcript with: {en}")));
    }
    there
}

fn story(transcript: &Transcript, trouble: &Trouble, call: &Call) -> Value {
    let trouble = match trouble {
        Trouble::Garbage(at, noise) => format!("answer {at} is {}", hex::encode_upper(noise)),
        other => format!("{other:?}"),
    };
    json!({"transcript": transcript.name, "line": trouble, "call": call.to_string()})
}

fn play(subject: &Subject, check: &mut Check, transcript: &Transcript, trouble: &Trouble) -> (Line, Vec<Played>) {
    let line = Line::new(Some(transcript), trouble.clone());
    let calls: Vec<Call> = transcript.calls().into_iter().map(|(call, _)| call).collect();
    let played = subject.play(check, &line, &calls, |call| story(transcript, trouble, call));
    (line, played)
}

fn run(subject: &Subject, check: &mut Check, transcript: &Transcript, trouble: Trouble) {
    let (line, played) = play(subject, check, transcript, &trouble);
    for (one, (call, expected)) in played.iter().zip(transcript.calls()) {
        check.case();
        let (answer, shown) = (&one.answer, || story(transcript, &trouble, &call));
        let zh = format!("{call} 应返回 {expected}，实为 {answer}");
        check.demand(
            expected.fits(answer),
            || say(zh, format!("{call} should answer {expected}, not {answer}")),
            shown,
        );
        one_try(check, one, shown);
    }
    if let Some(mismatch) = line.mismatch() {
        let expected = mismatch.expected.map_or_else(|| "nothing".to_owned(), hex::encode_upper);
        let sent = hex::encode_upper(mismatch.sent);
        let input = json!({"transcript": transcript.name, "expected": expected, "sent": sent});
        check.fail(say("发送的字节与记录不符", "it sends other bytes than recorded"), input);
    } else if line.left() > 0 && !check.is_full() {
        let input = json!({"transcript": transcript.name, "steps": line.left()});
        check.fail(say("记录中的部分步骤没有发生", "some steps of the transcript did not happen"), input);
    }
}

fn one_try(check: &mut Check, played: &Played, shown: impl Fn() -> Value) {
    let Call::Present(code) = &played.call else { return };
    let sent = times_sent(&played.frames, code);
    let zh = format!("密码发送了 {sent} 次");
    check.demand(sent <= 1, || say(zh, format!("the password was sent {sent} times")), shown);
}

/// Up to the trouble everything is as recorded; the call that meets it must say so; no call may make something up.
fn broken(subject: &Subject, check: &mut Check, transcript: &Transcript, trouble: Trouble) {
    check.case();
    let (_, played) = play(subject, check, transcript, &trouble);
    let mut met = false;
    for (one, (call, expected)) in played.iter().zip(transcript.calls()) {
        let (answer, shown) = (&one.answer, || story(transcript, &trouble, &call));
        one_try(check, one, shown);
        let failed = matches!(answer, Answer::Error(_));
        if one.dead && !met {
            met = true;
            let honest = failed && *answer != Answer::Error(ReaderErrorKind::WrongCode) || call == Call::PowerOff;
            let zh = format!("应答已损坏，{call} 却返回 {answer}");
            let en = format!("its answer is broken, and {call} answers {answer}");
            check.demand(honest, || say(zh, en), shown);
            continue;
        }
        // On a dead line: an error, or at most what a driver knows by itself.
        let known = if met { failed || call == Call::PowerOff } else { expected.fits(answer) };
        let zh = format!("线路已断，{call} 却返回 {answer}");
        check.demand(known, || say(zh, format!("the line is dead, and {call} answers {answer}")), shown);
    }
}
