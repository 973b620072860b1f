//! `dianka-station status`.

use std::error::Error;
use std::process::ExitCode;

use dianka_station::enrolment::Enrolment;
use dianka_station::journal;
use dianka_station::status::{Status, now};

use crate::args::{Language, Status as Asked};
use crate::{refusals, text};

/// Says how the running station stands.
pub(crate) fn status(asked: &Asked, language: Language) -> Result<ExitCode, Box<dyn Error>> {
    let dir = &asked.data.dir;
    let running = journal::is_open(dir)?;
    let status = Status::load(dir)?;
    if asked.json {
        let shown = serde_json::json!({ "running": running, "status": status });
        println!("{}", serde_json::to_string_pretty(&shown)?);
    } else {
        for line in lines(language, running, status.as_ref(), Enrolment::load(dir)?.is_some()) {
            println!("{line}");
        }
    }
    Ok(match status {
        Some(status) if running && status.connected => ExitCode::SUCCESS,
        _ if running => ExitCode::from(1),
        _ => ExitCode::from(3),
    })
}

fn lines(language: Language, running: bool, status: Option<&Status>, enrolled: bool) -> Vec<String> {
    let t = |zh: &str, en: &str| text::pick(language, zh.to_owned(), en.to_owned());
    let mut lines = Vec::new();
    if !enrolled {
        lines.push(t(
            "本机未登记。请运行 dianka-station enrol。",
            "This computer is not enrolled. Run dianka-station enrol.",
        ));
    }
    let Some(status) = status else {
        lines.push(t("工作站程序从未运行。", "The station has not run here yet."));
        return lines;
    };
    let row = |zh: &str, en: &str, value: String| format!("{:<14}{value}", format!("{}:", t(zh, en)));
    let ago = |at: u64| text::ago(language, now().saturating_sub(at));
    lines.push(row("工作站", "workstation", format!("{} {}", status.number, status.name)));
    let process = if running {
        format!("{} (pid {}, {})", t("运行中", "running"), status.pid, ago(status.started))
    } else {
        format!("{} ({})", t("未运行", "not running"), ago(status.written))
    };
    lines.push(row("程序", "program", format!("{process}, {}", status.version)));
    let connected =
        if running && status.connected { t("已连接", "connected") } else { t("未连接", "not connected") };
    lines.push(row("服务器", "server", format!("{}, {connected}, {}", status.server, ago(status.link_since))));
    if let Some(error) = &status.link_error {
        lines.push(row("", "", error.clone()));
    }
    if let Some(code) = &status.refused {
        lines.push(refusals::text(language, code));
    }
    let reader = status.reader.as_ref().map_or_else(|| "-".to_owned(), |state| text::reader(language, state));
    lines.push(row("读卡器", "reader", reader));
    lines.push(row("卡片", "card", status.card.clone().unwrap_or_else(|| t("无", "none"))));
    if let Some(standing) = &status.journal {
        let mut said = match language {
            Language::Zh => {
                format!("{} 条，{} 字节，未确认结果 {} 个", standing.seq, standing.bytes, standing.unacknowledged)
            }
            Language::En => format!(
                "{} entries, {} bytes, {} results not acknowledged",
                standing.seq, standing.bytes, standing.unacknowledged
            ),
        };
        if !standing.open {
            said.push_str(&t("；磁盘写入失败，已停止写卡", "; the disk refused it: nothing is written to cards"));
        }
        lines.push(row("日志", "journal", said));
    }
    if let Some(error) = &status.last_error {
        lines.push(row("最近错误", "last error", format!("{} {} ({})", error.code, error.detail, ago(error.at))));
    }
    lines
}
