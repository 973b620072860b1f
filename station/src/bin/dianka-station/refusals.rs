//! What to do about a server that says no: each code with its text.

use crate::args::Language;
use crate::text::pick;

/// Code, Chinese, English.
const TEXTS: &[(&str, &str, &str)] = &[
    (
        "enrol.unknown",
        "没有这个注册码。请核对后重新输入，或在服务器页面重新生成。",
        "There is no such code. Check it, or make a new one on the server's page.",
    ),
    (
        "enrol.used",
        "这个注册码已经用过。请在服务器页面（售电点与工作站）重新生成。",
        "This code was used. Make a new one on the server's page (sites and workstations).",
    ),
    (
        "enrol.expired",
        "注册码已过期（有效 15 分钟）。请在服务器页面重新生成。",
        "The code is older than its 15 minutes. Make a new one on the server's page.",
    ),
    (
        "enrol.replaced",
        "已为该工作站生成了更新的注册码。请使用最新的注册码。",
        "A newer code was made for this workstation. Use the newest one.",
    ),
    (
        "enrol.other_workstation",
        "此数据目录属于另一个工作站，其写卡日志不能带走。请用 --data 指定一个新目录。",
        "This data folder belongs to another workstation, whose journal cannot be taken along. Give a new folder with --data.",
    ),
    ("enrol.limited", "尝试次数过多。请稍候再试。", "Too many tries. Wait a while and try again."),
    (
        "enrol.journal_closed",
        "写卡日志无法写入。请检查磁盘后再登记。",
        "The journal cannot be written. Check the disk and enrol again.",
    ),
    (
        "station.unknown",
        "服务器不认识本工作站（可能服务器数据已更换）。请在服务器页面生成新的注册码，然后运行 dianka-station enrol。",
        "The server does not know this station (its data may have been replaced). Make a new code on its page, then run dianka-station enrol.",
    ),
    (
        "station.revoked",
        "管理员已停用本工作站程序。如需恢复，请在服务器页面生成新的注册码，然后运行 dianka-station enrol。",
        "An administrator shut this station out. To bring it back, make a new code on the server's page and run dianka-station enrol.",
    ),
    (
        "station.reenrolled",
        "本工作站已在另一台电脑（或另一目录）重新登记。请关闭此程序；如应由本机使用，请生成新的注册码并重新登记。",
        "This workstation was enrolled anew on another computer (or in another folder). Close this program, or enrol again with a new code if this computer is the right one.",
    ),
    (
        "station.retired",
        "该工作站已撤销。请在服务器页面新建工作站并登记。",
        "This workstation was retired. Make another one on the server's page and enrol for it.",
    ),
    (
        "station.journal_lost",
        "写卡日志比服务器所知的短：数据目录丢失或被旧备份覆盖。请生成新的注册码，并用新的数据目录重新登记。",
        "The journal is shorter than the server knows it: the data folder was lost, or an old copy was put back. Make a new code and enrol with a new data folder.",
    ),
    (
        "station.signature",
        "服务器无法验证本工作站的签名：密钥文件已损坏或被更换。请生成新的注册码并重新登记。",
        "The server cannot verify this station's signature: its key file is damaged or was replaced. Make a new code and enrol again.",
    ),
    (
        "station.other_server",
        "应答的不是登记时的那台服务器。请核对服务器地址；如服务器确已更换，请重新登记。",
        "Who answers is not the server of the enrolment. Check its address; if it really was replaced, enrol again.",
    ),
];

/// The text of a refusal; one that is not known shows its code.
pub(crate) fn text(language: Language, code: &str) -> String {
    match TEXTS.iter().find(|(known, ..)| *known == code) {
        Some((_, zh, en)) => pick(language, format!("{zh}（{code}）"), format!("{en} ({code})")),
        None => pick(
            language,
            format!("服务器拒绝：{code}。请联系管理员。"),
            format!("The server refuses: {code}. Call the administrator."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_own_text_in_both_languages() {
        let mut seen = std::collections::BTreeSet::new();
        for (code, ..) in TEXTS {
            let (zh, en) = (text(Language::Zh, code), text(Language::En, code));
            assert!(en.is_ascii() && !zh.is_ascii() && zh.contains(code) && en.contains(code), "{code}");
            assert!(seen.insert(zh) && seen.insert(en), "{code}");
        }
    }
}
