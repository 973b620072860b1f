//! Recorded lines, replayed as they were and with something wrong.

use dianka_plugin_host::Text;
use dianka_plugin_host::reader::ReaderErrorKind;
use serde_json::{Value, json};

use super::line::{Line, Mismatch, Missing, Trouble};
use super::play::{Played, Subject, times_sent};
use super::transcript::{Answer, Call, Step, Transcript};
use crate::chance::Chance;
use crate::report::{Check, say};
use crate::words::{host_lines, spaced};

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

/// The trouble on the line as values.
fn trouble_json(trouble: &Trouble) -> Value {
    match trouble {
        Trouble::None => json!({"trouble": "none"}),
        Trouble::Slow => json!({"trouble": "slow"}),
        Trouble::Closed => json!({"trouble": "closed"}),
        Trouble::Silent(at) => json!({"trouble": "silent", "answer": at}),
        Trouble::Cut(at) => json!({"trouble": "cut", "answer": at}),
        Trouble::Garbage(at, noise) => json!({"trouble": "noise", "answer": at, "bytes": hex::encode_upper(noise)}),
        Trouble::Noise(seed) => json!({"trouble": "noise", "seed": seed}),
    }
}

/// The trouble in words: `answer 3 is cut short: `.
fn trouble_words(trouble: &Trouble) -> Text {
    let number = |at: &usize| at.saturating_add(1);
    match trouble {
        Trouble::None => say("", ""),
        Trouble::Slow => say("慢速线路上，", "on a slow line, "),
        Trouble::Closed => say("串口被拔掉后，", "on a closed port, "),
        Trouble::Silent(at) => {
            let at = number(at);
            say(format!("第 {at} 个应答缺失时，"), format!("with answer {at} missing, "))
        }
        Trouble::Cut(at) => {
            let at = number(at);
            say(format!("第 {at} 个应答截断时，"), format!("with answer {at} cut short, "))
        }
        Trouble::Garbage(at, _) => {
            let at = number(at);
            say(format!("第 {at} 个应答变成乱码时，"), format!("with noise for answer {at}, "))
        }
        Trouble::Noise(_) => say("线路上只有乱码时，", "with noise on the line, "),
    }
}

fn story(transcript: &Transcript, trouble: &Trouble, call: &Call) -> Value {
    json!({"transcript": transcript.name, "line": trouble_json(trouble), "call": call.to_string()})
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
        check.demand(
            expected.fits(answer),
            || other_answer(&trouble, &call, &expected, answer),
            || json!({"story": shown(), "expected": expected.to_string(), "got": answer.to_string()}),
        );
        one_try(check, one, shown);
    }
    if let Some(mismatch) = line.mismatch() {
        other_bytes(check, transcript, &trouble, &mismatch);
    } else if let Some(missing) = line.missing().filter(|_| !check.is_full()) {
        not_sent(check, transcript, &trouble, &missing);
    }
}

/// The call of the transcript in which its line `step` stands.
fn call_of(transcript: &Transcript, step: usize) -> String {
    let mut call = String::new();
    let mut lines = 0_usize;
    for one in &transcript.steps {
        match one {
            Step::Call(own, _) => call = own.to_string(),
            Step::Host(_) | Step::Reader(_) if lines == step => break,
            Step::Host(_) | Step::Reader(_) => lines = lines.saturating_add(1),
        }
    }
    call
}

fn other_answer(trouble: &Trouble, call: &Call, expected: &Answer, got: &Answer) -> Text {
    let when = trouble_words(trouble);
    if let (Answer::Bytes(one), Answer::Bytes(other)) = (expected, got)
        && one.len() == other.len()
        && let Some(at) = one.iter().zip(other).position(|(one, other)| one != other)
    {
        let hexed = |bytes: &[u8]| spaced(bytes.get(at..=at).unwrap_or_default());
        let (one, other) = (hexed(one), hexed(other));
        return say(
            format!("{}{call} 返回的第 {at} 字节应为 {one}，实为 {other}", when.zh),
            format!("{}{call} should answer {one} at byte {at}, and answers {other} there", when.en),
        );
    }
    say(
        format!("{}{call} 应返回 {expected}，实为 {got}", when.zh),
        format!("{}{call} should answer {expected}, not {got}", when.en),
    )
}

/// Two lines of the transcript's own notation, and which byte differs.
fn other_bytes(check: &mut Check, transcript: &Transcript, trouble: &Trouble, mismatch: &Mismatch) {
    let (call, when, at) = (call_of(transcript, mismatch.step), trouble_words(trouble), mismatch.at);
    let expected = mismatch.expected.as_deref();
    let lines = |labels| host_lines(labels, expected, &mismatch.sent, at);
    let one = |bytes: Option<&[u8]>| bytes.and_then(|bytes| bytes.get(at)).map(|byte| format!("{byte:02X}"));
    let (wanted, sent) = (one(expected), one(Some(&mismatch.sent)).unwrap_or_default());
    let (zh, en) = match &wanted {
        Some(wanted) => {
            (format!("第 {at} 字节应为 {wanted}，实为 {sent}"), format!("byte {at} should be {wanted} and is {sent}"))
        }
        None => (format!("第 {at} 字节 {sent} 在记录中没有"), format!("byte {at}, {sent}, is not in the transcript")),
    };
    let zh = format!("{}发送的字节与记录不符（{call}）：{zh}\n{}", when.zh, lines(["记录：", "实发："]));
    let en = format!("{}it sends other bytes than recorded ({call}): {en}\n{}", when.en, lines(["recorded:", "sent:"]));
    let input = json!({"transcript": transcript.name, "line": trouble_json(trouble), "call": call, "byte": at,
        "expected": expected.map(spaced), "sent": spaced(&mismatch.sent)});
    check.fail(say(zh, en), input);
}

fn not_sent(check: &mut Check, transcript: &Transcript, trouble: &Trouble, missing: &Missing) {
    let (call, when, left) = (call_of(transcript, missing.step), trouble_words(trouble), missing.left);
    let sent = missing.expected.get(..missing.sent).unwrap_or_default();
    let lines = |labels| host_lines(labels, Some(&missing.expected), sent, missing.sent);
    let zh =
        format!("{}记录中的部分步骤没有发生：还有 {left} 行，先是（{call}）\n{}", when.zh, lines(["记录：", "实发："]));
    let en = format!(
        "{}some steps of the transcript did not happen: {left} lines are left, first ({call})\n{}",
        when.en,
        lines(["recorded:", "sent:"])
    );
    let input = json!({"transcript": transcript.name, "line": trouble_json(trouble), "call": call, "left": left,
        "byte": missing.sent, "expected": spaced(&missing.expected), "sent": spaced(sent)});
    check.fail(say(zh, en), input);
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
            let when = trouble_words(&trouble);
            let zh = format!("{}应答已损坏，{call} 却返回 {answer}", when.zh);
            let en = format!("{}its answer is broken, and {call} answers {answer}", when.en);
            check.demand(honest, || say(zh, en), shown);
            continue;
        }
        // On a dead line: an error, or at most what a driver knows by itself.
        let known = if met { failed || call == Call::PowerOff } else { expected.fits(answer) };
        let what = || {
            if !met {
                return other_answer(&trouble, &call, &expected, answer);
            }
            let when = trouble_words(&trouble);
            say(
                format!("{}线路已断，{call} 却返回 {answer}", when.zh),
                format!("{}the line is dead, and {call} answers {answer}", when.en),
            )
        };
        check.demand(known, what, shown);
    }
}
