//! What the program tells a person, in Chinese and English.

use std::path::Path;

use dianka_station::link::dial::Ended;
use dianka_station::link::websocket::LinkEvent;
use dianka_station::proto::{FromStation, PortAnswer, ReaderState, ReaderStatus, TicketOutcome};
use dianka_station::reader::Probed;
use tokio_tungstenite::tungstenite;

use crate::args::Language;

/// The language asked for, or the one of the environment (`LC_ALL`, `LC_MESSAGES`, `LANG`, as in POSIX).
pub(crate) fn language(asked: Option<Language>, environment: impl Fn(&str) -> Option<String>) -> Language {
    let of_environment = || {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| environment(name).filter(|v| !v.is_empty()));
        set.filter(|value| value.starts_with("zh")).map_or(Language::En, |_| Language::Zh)
    };
    asked.unwrap_or_else(of_environment)
}

pub(crate) fn pick(language: Language, zh: String, en: String) -> String {
    match language {
        Language::Zh => zh,
        Language::En => en,
    }
}

/// What a port test says, with what to do next.
pub(crate) fn probed(language: Language, probed: &Probed, port: &str, driver: &str) -> String {
    let (zh, en) = match probed.answer {
        PortAnswer::Found => {
            let (model, firmware) =
                probed.reader.as_ref().map_or(("?", "?"), |reader| (reader.model.as_str(), reader.firmware.as_str()));
            (
                format!("{port}：找到读卡器 {model}（固件 {firmware}）"),
                format!("{port}: found {model}, firmware {firmware}"),
            )
        }
        PortAnswer::WrongDriver if probed.driver.is_some() => {
            let (fits, model) = (
                probed.driver.as_deref().unwrap_or_default(),
                probed.reader.as_ref().map_or("?", |reader| reader.model.as_str()),
            );
            (
                format!("{port}：这台读卡器（{model}）不是 {driver} 的，请改用驱动 {fits}。"),
                format!("{port}: this reader ({model}) is not one of {driver}. Use driver {fits}."),
            )
        }
        PortAnswer::WrongDriver => (
            format!("{port}：有设备应答，但驱动 {driver} 不适用。请换一个驱动再试。"),
            format!("{port}: something answers, but driver {driver} does not fit. Try another driver."),
        ),
        PortAnswer::PortBusy => (
            format!("{port}：端口被其他程序占用。请关闭该程序后重试。"),
            format!("{port}: another program uses the port. Close it and try again."),
        ),
        PortAnswer::NoAnswer => (
            format!("{port}：端口可以打开，但没有应答。请检查读卡器的电源、电缆和驱动。"),
            format!("{port}: the port opens and nobody answers. Check the reader's power, its cable and the driver."),
        ),
        PortAnswer::NoPermission => (
            format!("{port}：没有打开端口的权限。请把本用户加入串口用户组（如 dialout）。"),
            format!(
                "{port}: no permission to open the port. Add this user to the group of serial ports (dialout, say)."
            ),
        ),
        PortAnswer::Absent => (
            format!("{port}：没有这个串口。请检查电缆，或用 dianka-station ports 查看现有串口。"),
            format!("{port}: there is no such serial port. Check the cable, or see dianka-station ports."),
        ),
    };
    let text = pick(language, zh, en);
    if probed.detail.is_empty() { text } else { format!("{text}\n  ({})", probed.detail) }
}

/// `--virtual` away from the server's folder.
pub(crate) fn no_bench(language: Language) -> String {
    pick(
        language,
        "这里没有 data/bench。请在服务器运行的目录里启动，或用 --bench 指出学习台目录。".into(),
        "There is no data/bench here. Start it in the folder where the server runs, or name the bench with --bench."
            .into(),
    )
}

/// A language as the server sets it.
pub(crate) fn of_settings(language: dianka_station::proto::Language) -> Language {
    match language {
        dianka_station::proto::Language::Chinese => Language::Zh,
        dianka_station::proto::Language::English => Language::En,
    }
}

/// `run` in a folder without an enrolment.
pub(crate) fn not_enrolled(language: Language, dir: &Path) -> String {
    let dir = dir.display();
    pick(
        language,
        format!(
            "数据目录 {dir} 没有登记。请在服务器页面（售电点与工作站）取得注册码，然后运行 dianka-station enrol --server … --code …"
        ),
        format!(
            "The data folder {dir} is not enrolled. Get a code on the server's page (sites and workstations), then run dianka-station enrol --server ... --code ..."
        ),
    )
}

/// After the enrolment.
pub(crate) fn enrolled(language: Language, number: u32, name: &str) -> String {
    pick(
        language,
        format!("已登记为 {number} 号工作站（{name}）。现在可以运行 dianka-station run。"),
        format!("Enrolled as workstation {number} ({name}). Now start dianka-station run."),
    )
}

/// A server that cannot be spoken to, with what to do next.
pub(crate) fn unreachable(language: Language, server: &str, ended: &Ended) -> String {
    let (zh, en) = match ended {
        Ended::Name { .. } => (
            "无法解析服务器名称。请检查地址拼写和本机 DNS。",
            "The server's name is not known. Check its spelling and this computer's DNS.",
        ),
        Ended::Reach { .. } | Ended::Slow => (
            "连接不上服务器。请检查网络、端口和防火墙，以及服务器是否在运行。",
            "The server cannot be reached. Check the network, the port, the firewall, and whether the server runs.",
        ),
        Ended::Line(tungstenite::Error::Tls(_)) => (
            "服务器证书不可信。请核对地址和本机时间，或用 --ca 指定证书文件。",
            "The server's certificate is not trusted. Check the address and this computer's clock, or give the certificate with --ca.",
        ),
        // What a TLS handshake with a plain port, or the other way round, ends in.
        Ended::Line(tungstenite::Error::Io(_)) => (
            "加密握手失败。请核对地址是 https:// 还是 http://，以及证书（--ca）。",
            "The handshake failed. Check whether the address is https:// or http://, and the certificate (--ca).",
        ),
        Ended::Line(_) | Ended::NoChallenge | Ended::Form(_) => (
            "应答的不是 Dianka 服务器，或版本不符。请核对地址和端口。",
            "Who answers is not a Dianka server, or one of another version. Check address and port.",
        ),
        _ => ("连接中断。请稍后再试。", "The line broke. Try again."),
    };
    pick(language, format!("{server}：{zh}（{ended}）"), format!("{server}: {en} ({ended})"))
}

/// How long ago.
pub(crate) fn ago(language: Language, seconds: u64) -> String {
    let (count, zh, en) = match seconds {
        0..120 => (seconds, "秒", "s"),
        120..7_200 => (seconds / 60, "分钟", "min"),
        7_200..172_800 => (seconds / 3_600, "小时", "h"),
        _ => (seconds / 86_400, "天", "d"),
    };
    pick(language, format!("{count} {zh}前"), format!("{count} {en} ago"))
}

/// No serial port at all.
pub(crate) fn no_ports(language: Language) -> String {
    pick(language, "本机没有串口。".into(), "This machine has no serial ports.".into())
}

/// The line to the server.
pub(crate) fn link(language: Language, event: &LinkEvent, server: &str) -> String {
    match event {
        LinkEvent::Connected(_) => pick(language, format!("已连接服务器 {server}"), format!("Connected to {server}")),
        LinkEvent::Down { reason } => pick(
            language,
            format!("与服务器 {server} 断开，将自动重连。（{reason}）"),
            format!("No connection to {server}; trying again. ({reason})"),
        ),
        LinkEvent::Refused { code } => crate::refusals::text(language, code),
    }
}

/// What happens at the reader; none for what is of no interest here.
pub(crate) fn event(language: Language, message: &FromStation) -> Option<String> {
    match message {
        FromStation::State(state) => Some(reader(language, state)),
        FromStation::CardIn(card) => {
            let tries = card.tries.map_or_else(|| "?".to_owned(), |tries| tries.to_string());
            Some(pick(
                language,
                format!("插入卡片（{}，剩余密码次数 {tries}）", card.chip),
                format!("Card in ({}, password tries left: {tries})", card.chip),
            ))
        }
        FromStation::CardOut { .. } => Some(pick(language, "卡片已取出".into(), "Card out".into())),
        FromStation::CardError { code, .. } => {
            Some(pick(language, format!("卡片无法使用：{code}"), format!("The card cannot be used: {code}")))
        }
        FromStation::TicketResult(result) => Some(outcome(language, &result.outcome)),
        _ => None,
    }
}

/// A reader's state.
pub(crate) fn reader(language: Language, state: &ReaderState) -> String {
    let port = &state.port;
    let model = state.model.as_deref().unwrap_or("?");
    let (zh, en) = match state.state {
        ReaderStatus::Ready => (format!("读卡器就绪：{model}（{port}）"), format!("Reader ready: {model} ({port})")),
        ReaderStatus::Absent => (format!("没有串口 {port}"), format!("No such port: {port}")),
        ReaderStatus::Busy => (format!("串口 {port} 被占用"), format!("Port in use: {port}")),
        ReaderStatus::NoAnswer => (format!("串口 {port} 无应答"), format!("No answer at {port}")),
        ReaderStatus::WrongDriver => (
            format!("串口 {port} 上的设备与驱动 {} 不符", state.driver_id),
            format!("What answers at {port} does not fit driver {}", state.driver_id),
        ),
        ReaderStatus::NoRights => (format!("没有打开串口 {port} 的权限"), format!("No permission for {port}")),
        ReaderStatus::Searching => (format!("正在查找读卡器（{port}）"), format!("Looking for the reader ({port})")),
    };
    pick(language, zh, en)
}

fn outcome(language: Language, outcome: &TicketOutcome) -> String {
    let (zh, en) = match outcome {
        TicketOutcome::Written { .. } => ("写卡完成，已读回核对".into(), "Card written and read back".into()),
        TicketOutcome::Refused { code, .. } => (format!("未写卡：{code}"), format!("Nothing was written: {code}")),
        TicketOutcome::Torn { code, .. } => (
            format!("写卡中断：{code}。请把卡片插回，系统会自动补写。"),
            format!("Writing broke off: {code}. Put the card back; it will be completed."),
        ),
        TicketOutcome::Interrupted { .. } => (
            "上次写卡时程序中断，请把卡片插回核对。".into(),
            "The program stopped while it was writing; put the card back to be checked.".into(),
        ),
    };
    pick(language, zh, en)
}

/// The program is going down.
pub(crate) fn stopping(language: Language) -> String {
    pick(language, "正在停止".into(), "Stopping".into())
}

/// The program cannot go on.
pub(crate) fn fatal(language: Language, error: &dyn std::error::Error) -> String {
    pick(language, format!("无法运行：{error}"), format!("Cannot run: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_follows_the_environment_unless_asked() {
        let with =
            |name: &'static str, value: &'static str| move |asked: &str| (asked == name).then(|| value.to_owned());
        assert_eq!(language(None, with("LANG", "zh_CN.UTF-8")), Language::Zh);
        assert_eq!(language(None, with("LANG", "en_GB.UTF-8")), Language::En);
        assert_eq!(language(None, with("LC_ALL", "zh_CN")), Language::Zh);
        assert_eq!(language(None, |_| None), Language::En);
        assert_eq!(language(Some(Language::En), with("LANG", "zh_CN.UTF-8")), Language::En);
        let empty_first = |name: &str| match name {
            "LC_ALL" => Some(String::new()),
            "LANG" => Some("zh_CN.UTF-8".to_owned()),
            _ => None,
        };
        assert_eq!(language(None, empty_first), Language::Zh);
    }

    #[test]
    fn every_port_answer_has_its_own_text_in_both_languages() {
        let answers = [
            PortAnswer::Found,
            PortAnswer::WrongDriver,
            PortAnswer::PortBusy,
            PortAnswer::NoAnswer,
            PortAnswer::NoPermission,
            PortAnswer::Absent,
        ];
        let mut texts = std::collections::BTreeSet::new();
        for answer in answers {
            for language in [Language::Zh, Language::En] {
                let text = probed(
                    language,
                    &Probed { answer, reader: None, driver: None, detail: String::new() },
                    "/dev/x",
                    "d",
                );
                assert_eq!(text.is_ascii(), language == Language::En, "{text}");
                texts.insert(text);
            }
        }
        assert_eq!(texts.len(), 12);
    }
}
