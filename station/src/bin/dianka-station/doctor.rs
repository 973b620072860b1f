//! `dianka-station doctor`: everything that a counter needs, in the order in which it depends on each other.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use dianka_station::enrolment::Enrolment;
use dianka_station::journal;
use dianka_station::link::dial::{Dial, Ended};
use dianka_station::link::websocket;
use dianka_station::port;
use dianka_station::proto::{PortAnswer, ReaderSettings, ReaderStatus};
use dianka_station::reader::{Probed, probe};
use dianka_station::status::{Status, now};
use dianka_station::workstation::{Identity, KnownSettings};

use crate::args::{Doctor, Language};
use crate::{drivers, refusals, text};

/// A clock that is off by more than this is told; nothing decides by it.
const CLOCK_OFF_S: u64 = 120;

/// What one check found.
enum Found {
    Good(String),
    /// Not as it should be, with what to do next.
    Bad(String),
    /// Cannot be told before something else is put right.
    Later(String),
}

struct Report {
    language: Language,
    bad: bool,
}

impl Report {
    fn t(&self, zh: &str, en: &str) -> String {
        text::pick(self.language, zh.to_owned(), en.to_owned())
    }

    fn say(&mut self, zh: &str, en: &str, found: Found) {
        let name = self.t(zh, en);
        let (sign, detail) = match found {
            Found::Good(detail) => ("ok", detail),
            Found::Bad(detail) => {
                self.bad = true;
                ("!!", detail)
            }
            Found::Later(detail) => ("--", detail),
        };
        println!("[{sign}] {name}: {detail}");
    }
}

/// Checks everything in order.
pub(crate) fn doctor(asked: &Doctor, language: Language) -> Result<ExitCode, Box<dyn Error>> {
    let dir = &asked.data.dir;
    let mut report = Report { language, bad: false };
    folder(&mut report, dir);
    let running = journal::is_open(dir).unwrap_or(false);
    let seq = read_journal(&mut report, dir, running);
    let enrolment = keys(&mut report, dir);
    match &enrolment {
        Some(enrolment) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(server(&mut report, enrolment, seq, running.then(|| Status::load(dir))));
        }
        None => report.say("服务器", "server", Found::Later(report_later(language))),
    }
    reader(&mut report, asked, running)?;
    Ok(if report.bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn report_later(language: Language) -> String {
    text::pick(language, "登记后再检查".into(), "checked after the enrolment".into())
}

fn folder(report: &mut Report, dir: &Path) {
    let trial = dir.join("doctor.trial");
    let written = std::fs::create_dir_all(dir)
        .and_then(|()| std::fs::write(&trial, b"trial"))
        .and_then(|()| std::fs::File::open(&trial)?.metadata().map(drop))
        .and_then(|()| std::fs::remove_file(&trial));
    let shown = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned()).display().to_string();
    let found = match written {
        Ok(()) => Found::Good(shown),
        Err(error) => Found::Bad(format!(
            "{shown}: {error}. {}",
            report.t(
                "请释放磁盘空间，或让运行用户可以写入该目录。",
                "Free disk space, or let this user write to the folder."
            )
        )),
    };
    report.say("数据目录", "data folder", found);
}

fn read_journal(report: &mut Report, dir: &Path, running: bool) -> u64 {
    let (found, seq) = match journal::look(dir) {
        Ok(standing) => {
            let state = if running { report.t("运行中", "in use") } else { report.t("完整", "whole") };
            let said = match report.language {
                Language::Zh => format!("{state}，{} 条，未确认结果 {} 个", standing.seq, standing.unacknowledged),
                Language::En => {
                    format!("{state}, {} entries, {} results not acknowledged", standing.seq, standing.unacknowledged)
                }
            };
            (Found::Good(said), standing.seq)
        }
        Err(error) => {
            let next = report.t(
                "请保留该目录，用新的数据目录（--data）重新登记。",
                "Keep the folder, and enrol again with a new one (--data).",
            );
            (Found::Bad(format!("{error}. {next}")), 0)
        }
    };
    report.say("写卡日志", "journal", found);
    seq
}

fn keys(report: &mut Report, dir: &Path) -> Option<Enrolment> {
    let next = report.t(
        "请在服务器页面（售电点与工作站）取得注册码，然后运行 dianka-station enrol。",
        "Get a code on the server's page (sites and workstations), then run dianka-station enrol.",
    );
    let (found, enrolment) = match Enrolment::load(dir) {
        Ok(Some(enrolment)) => {
            let said = match report.language {
                Language::Zh => format!("{} 号工作站 {}", enrolment.number, enrolment.name),
                Language::En => format!("workstation {} {}", enrolment.number, enrolment.name),
            };
            (Found::Good(said), Some(enrolment))
        }
        Ok(None) => (Found::Bad(format!("{}. {next}", report.t("本机未登记", "this computer is not enrolled"))), None),
        Err(error) => (Found::Bad(format!("{error}. {next}")), None),
    };
    report.say("登记与密钥", "enrolment and keys", found);
    enrolment
}

/// Name, connection, TLS, clock, and whether the server takes this station.
async fn server(
    report: &mut Report,
    enrolment: &Enrolment,
    seq: u64,
    running: Option<std::io::Result<Option<Status>>>,
) {
    let dial = match enrolment.place.dial() {
        Ok(dial) => dial,
        Err(error) => return report.say("服务器地址", "server address", Found::Bad(error.to_string())),
    };
    let Some(time) = reach(report, &dial, &enrolment.place.server).await else { return };
    let off = now().abs_diff(time);
    let said = format!("{off} s");
    let clock = if off <= CLOCK_OFF_S {
        Found::Good(said)
    } else {
        Found::Bad(format!("{said}. {}", report.t("请校正本机时间。", "Set this computer's clock.")))
    };
    report.say("与服务器的时差", "clock against the server", clock);
    let found = match running {
        // A second connection would take the running one's place.
        Some(Ok(Some(status))) if status.connected => {
            Found::Good(report.t("运行中的程序已连接", "the running program is connected"))
        }
        Some(_) => Found::Bad(report.t(
            "程序在运行但未连接；请运行 dianka-station status 查看原因。",
            "The program runs and is not connected; see dianka-station status.",
        )),
        None => {
            let identity = Identity::resting(&enrolment.name, enrolment.keys.seal.public(), seq);
            match websocket::greet_once(&dial, &enrolment.credentials(), &identity).await {
                Ok(welcome) => Found::Good(format!("{} {}", report.t("工作站", "workstation"), welcome.number)),
                Err(Ended::Refused { code, .. }) => Found::Bad(refusals::text(report.language, &code)),
                Err(ended) => Found::Bad(text::unreachable(report.language, &enrolment.place.server, &ended)),
            }
        }
    };
    report.say("服务器接受本机", "accepted by the server", found);
}

/// The server's clock, if it can be reached.
async fn reach(report: &mut Report, dial: &Dial, server: &str) -> Option<u64> {
    let later = |report: &mut Report, zh: &str, en: &str| {
        let detail = report.t("先处理上面的问题", "put the above right first");
        report.say(zh, en, Found::Later(detail));
    };
    let language = report.language;
    let resolved = dial.resolve().await;
    let named = match &resolved {
        Ok(found) => Found::Good(found.iter().map(|address| address.ip().to_string()).collect::<Vec<_>>().join(", ")),
        Err(ended) => Found::Bad(text::unreachable(language, server, ended)),
    };
    report.say("服务器名称解析", "server's name", named);
    if resolved.is_err() {
        later(report, "连接服务器", "server reachable");
        return None;
    }
    let stream = match dial.reach().await {
        Ok(stream) => stream,
        Err(ended) => {
            report.say("连接服务器", "server reachable", Found::Bad(text::unreachable(language, server, &ended)));
            later(report, "加密连接", "line");
            return None;
        }
    };
    report.say("连接服务器", "server reachable", Found::Good(format!("{}:{}", dial.address.host, dial.address.port)));
    match dial.ask(stream).await {
        Ok(challenge) => {
            let said = if dial.address.secure {
                report.t("TLS，证书可信", "TLS, certificate trusted")
            } else {
                report.t("明文", "in clear")
            };
            report.say("加密连接", "line", Found::Good(said));
            Some(challenge.time)
        }
        Err(ended) => {
            report.say("加密连接", "line", Found::Bad(text::unreachable(language, server, &ended)));
            None
        }
    }
}

/// Ports, their rights, the driver, the reader.
fn reader(report: &mut Report, asked: &Doctor, running: bool) -> Result<(), Box<dyn Error>> {
    let dir = &asked.data.dir;
    let ports = port::list();
    let found = match &ports {
        Ok(ports) if ports.is_empty() => Found::Bad(format!(
            "{}. {}",
            text::no_ports(report.language).trim_end_matches(['。', '.']),
            report.t("请检查读卡器电缆和电源。", "Check the reader's cable and power.")
        )),
        Ok(ports) => Found::Good(ports.iter().map(|port| port.name.as_str()).collect::<Vec<_>>().join(", ")),
        Err(error) => Found::Bad(error.clone()),
    };
    report.say("串口", "serial ports", found);
    if running && let Ok(Some(status)) = Status::load(dir) {
        let state = status.reader.as_ref();
        let said = state.map_or_else(|| "-".to_owned(), |state| text::reader(report.language, state));
        let good = state.is_some_and(|state| state.state == ReaderStatus::Ready);
        report.say("读卡器", "reader", if good { Found::Good(said) } else { Found::Bad(said) });
        return Ok(());
    }
    let known = KnownSettings::load(dir);
    let Some(settings) = known.current().and_then(|known| known.reader.clone()) else {
        let said = report.t(
            "页面上还没有设置串口和驱动。请在服务器页面设置读卡器，或用 dianka-station test-port 测试。",
            "Port and driver are not set on the page yet. Set the reader there, or try dianka-station test-port.",
        );
        report.say("读卡器", "reader", Found::Later(said));
        return Ok(());
    };
    let drivers = drivers(&asked.place, dir)?;
    let here = drivers.reader(&settings.driver).is_some();
    let driver = if here {
        Found::Good(settings.driver.clone())
    } else {
        Found::Bad(format!(
            "{}. {}",
            settings.driver,
            report.t(
                "本机没有此驱动；连接服务器后会自动下载。",
                "It is not here; it comes from the server once connected."
            )
        ))
    };
    report.say("驱动", "driver", driver);
    ask_reader(report, &probe(&drivers, &known.versions(), &settings), &settings);
    Ok(())
}

fn ask_reader(report: &mut Report, probed: &Probed, settings: &ReaderSettings) {
    let said = text::probed(report.language, probed, &settings.port, &settings.driver);
    let found = if probed.answer == PortAnswer::Found { Found::Good(said) } else { Found::Bad(said) };
    report.say("读卡器应答", "reader answers", found);
}
