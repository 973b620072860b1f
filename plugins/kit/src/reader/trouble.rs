//! Lines on which no reader is: nothing needs to be recorded for these.

use serde_json::json;

use super::line::{Line, Trouble};
use super::play::{Subject, times_sent};
use super::transcript::{Answer, Call};
use crate::report::{Check, say};

const CODE: [u8; 3] = [0xA5, 0x3C, 0x96];

/// Every call, in a sensible order.
fn every_call() -> Vec<Call> {
    vec![
        Call::Probe,
        Call::Poll,
        Call::PowerOn,
        Call::Read(0, 256),
        Call::ErrorCounter,
        Call::Present(CODE.to_vec()),
        Call::Write(0x20, vec![1, 2, 3, 4]),
        Call::ChangeCode(CODE.to_vec()),
        Call::PowerOff,
    ]
}

/// Nobody answers: every call ends in an error, soon enough, and the password is not sent again and again.
pub(super) fn dead_line(subject: &Subject) -> Check {
    let mut check =
        Check::new("silence", "线路无应答：每个调用都以错误结束", "a silent line: every call ends in an error");
    let mut orders: Vec<Vec<Call>> = every_call().into_iter().map(|call| vec![call]).collect();
    orders.push(every_call());
    for calls in orders {
        let line = Line::new(None, Trouble::Silent(0));
        errors_only(subject, &mut check, &line, &calls, "silence");
    }
    check
}

/// The cable was pulled.
pub(super) fn closed_port(subject: &Subject) -> Check {
    let mut check =
        Check::new("closed", "串口被拔掉：每个调用都以错误结束", "a closed port: every call ends in an error");
    let line = Line::new(None, Trouble::Closed);
    errors_only(subject, &mut check, &line, &every_call(), "closed port");
    check
}

fn errors_only(subject: &Subject, check: &mut Check, line: &Line, calls: &[Call], on: &str) {
    for played in subject.play(check, line, calls, |call| json!({"line": on, "call": call.to_string()})) {
        check.case();
        let shown = || json!({"line": on, "call": played.call.to_string(), "answer": played.answer.to_string()});
        // To take power away may well mean to forget that there was any.
        let failed = matches!(played.answer, Answer::Error(_)) || played.call == Call::PowerOff;
        let what = || {
            let (call, answer) = (&played.call, &played.answer);
            say(
                format!("没有读卡器，{call} 却返回 {answer}"),
                format!("there is no reader, and {call} answers {answer}"),
            )
        };
        check.demand(failed, what, shown);
        if matches!(played.call, Call::Present(_)) {
            let sent = times_sent(&played.frames, &CODE);
            let zh = format!("密码发送了 {sent} 次");
            check.demand(sent <= 1, || say(zh, format!("the password was sent {sent} times")), shown);
        }
    }
}

/// Another device, or a wrong speed: nothing traps, and noise never verifies a password.
pub(super) fn noise(subject: &Subject) -> Check {
    let mut check = Check::new(
        "noise",
        "线路上只有乱码：不崩溃，不误判",
        "noise on the line: nothing traps and nothing is believed",
    );
    let mut taken = 0_u64;
    for case in 0..subject.cases {
        if check.is_full() {
            break;
        }
        check.case();
        let seed = subject.seed.rotate_left(32) ^ case;
        let line = Line::new(None, Trouble::Noise(seed));
        let played =
            subject.play(&mut check, &line, &every_call(), |call| json!({"noise": seed, "call": call.to_string()}));
        for one in played {
            let good = !matches!(one.answer, Answer::Error(_));
            taken = taken.saturating_add(u64::from(good && one.call == Call::Probe));
            let verified = good && matches!(one.call, Call::Present(_));
            let what = || say("乱码被当作密码核对成功", "noise passes for a verified password");
            check.demand(!verified, what, || json!({"noise": seed, "call": one.call.to_string()}));
        }
    }
    // A protocol with a short check sum meets its own by chance now and then, but rarely.
    let rare = taken.saturating_mul(50) <= check.cases;
    let zh = format!("{} 次乱码中有 {taken} 次被当作读卡器", check.cases);
    let en = format!("{taken} of {} noises pass for the reader", check.cases);
    check.demand(rare, || say(zh, en), || json!({"taken": taken}));
    check
}
