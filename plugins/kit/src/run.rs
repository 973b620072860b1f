//! What each command does.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use dianka_kit::check::{self, Options};
use dianka_kit::reader::{Call, Transcript, record};
use dianka_kit::report::Lang;
use dianka_kit::told::Told;
use dianka_kit::{gate, keys, pack, project, push, vectors};
use dianka_plugin_package::{Kind, Notice};
use dianka_station::port::SerialLine;

use crate::args::{Arguments, CheckArgs, Command};

/// Why a command could not be carried out.
pub struct Trouble(pub Notice);

impl<E: Told> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self(error.notice())
    }
}

impl Trouble {
    fn new(code: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self(Notice::new(code, zh, en))
    }
}

/// Whether it went well; an error if it could not be done at all.
type Outcome = Result<bool, Trouble>;

/// Carries the command out, in this language.
pub fn run(arguments: Arguments, lang: Lang) -> Outcome {
    let given = arguments.plugc;
    match arguments.command {
        Command::New { kind, name, language, source } => {
            let source = source.unwrap_or_else(project::own_source);
            let folder = project::new(kind.into(), language.into(), &name, Path::new("."), &source)?;
            let folder = folder.display();
            tell(lang, &format!("{folder}：在其中运行 ./build"), &format!("{folder}: run ./build there"))
        }
        Command::Check(args) => check(args, &plugc(given)?, lang),
        Command::Gate { file, out, cpu_seconds } => {
            gate::limit(cpu_seconds)?;
            gate::report(&file, &out, &plugc(given)?)?;
            Ok(true)
        }
        Command::Record { file, port, calls, .. } => record_line(&file, &port, calls.as_deref(), &plugc(given)?),
        Command::Vectors { file, out, seed, .. } => write_vectors(&file, out.as_deref(), seed, &plugc(given)?, lang),
        Command::Keygen { name, no_password, .. } => keygen(&name, no_password, lang),
        Command::Pack { file, vendor, vectors, transcript, out, .. } => {
            let vectors = pack::vectors(vectors.as_deref(), &transcript)?;
            let (manifest, bytes) = pack::pack(&file, &vendor, &vectors, &plugc(given)?)?;
            let name = format!("{}-{}.wasm", manifest.id, manifest.version);
            let out = out.unwrap_or_else(|| file.with_file_name(name));
            pack::write(&out, &bytes)?;
            if manifest.kind == Kind::Reader && vectors.transcripts.is_empty() {
                warn(
                    lang,
                    "注意：包里没有通信记录（--transcript），服务器无法检查密码是否只发送一次。",
                    "NOTE: there is no transcript in the package (--transcript), so no server can check that a password is sent only once.",
                )?;
            }
            tell(lang, &format!("已打包：{}", out.display()), &format!("packed: {}", out.display()))
        }
        Command::Sign { file, key, .. } => {
            let key = keys::secret(&key, || {
                password(lang, "DIANKA_KEY_PASSWORD", ("密钥的密码：", "Password of the key: "))
            })?;
            pack::write(&file, &pack::sign(pack::read(&file)?, &key)?)?;
            tell(lang, &format!("已签名：{}", file.display()), &format!("signed: {}", file.display()))
        }
        Command::Inspect { file, key, json, .. } => inspect(&file, key.as_deref(), json, lang),
        Command::Push { file, server, ca, login, json, .. } => {
            let package = pack::read(&file)?;
            let server = push::Address::parse(&server)?;
            if let Some(warning) = push::warning(&server, lang) {
                warn(lang, warning, warning)?;
            }
            let password = password(lang, "DIANKA_PASSWORD", ("密码：", "Password: "))?;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.map_err(|why| Trouble::new("system", why.to_string(), why.to_string()))?;
            let said = runtime.block_on(push::push(&server, ca.as_deref(), &login, &password, package, lang))?;
            out(&if json { to_json(&said)? } else { push::summary(&said, lang) })
        }
    }
}

/// One line, or several, on standard output.
fn out(text: &str) -> Outcome {
    writeln!(io::stdout(), "{}", text.trim_end()).map_err(|why| no_output(&why))?;
    Ok(true)
}

fn no_output(why: &io::Error) -> Trouble {
    Trouble::new("no-output", format!("无法输出：{why}"), format!("nothing can be written to the output: {why}"))
}

fn to_json(value: &impl serde::Serialize) -> Result<String, Trouble> {
    serde_json::to_string_pretty(value)
        .map_err(|why| Trouble::new("json", format!("无法写成 JSON：{why}"), format!("it is no JSON: {why}")))
}

fn write_vectors(file: &Path, to: Option<&Path>, seed: u64, plugc: &Path, lang: Lang) -> Outcome {
    let made = vectors::make(&pack::read(file)?, plugc, seed, lang)?;
    let text = vectors::to_text(&made)?;
    let Some(to) = to else { return out(&text) };
    pack::write(to, text.as_bytes())?;
    let (cards, tokens, to) = (made.cards.len(), made.tokens.len(), to.display());
    let zh = format!(
        "已写出 {cards} 张卡、{tokens} 个代码：{to}\n这是驱动自己的结果：请与真实的卡和电表逐项核对，再用 pack --vectors 放进包里。"
    );
    let en = format!(
        "written: {to}, {cards} cards and {tokens} tokens\nThis is what the driver makes by itself: compare it with real cards and meters, then pack it with pack --vectors."
    );
    tell(lang, &zh, &en)
}

fn check(args: CheckArgs, plugc: &Path, lang: Lang) -> Outcome {
    let mut transcripts = Vec::new();
    for path in &args.transcript {
        transcripts.push(transcript(path)?);
    }
    let options = Options { plugc: plugc.to_path_buf(), seed: args.seed, cases: args.cases, transcripts };
    let report = check::check(&args.file, &options)?;
    out(&if args.json { to_json(&report)? } else { report.to_text(lang) })?;
    Ok(report.passed)
}

fn transcript(path: &Path) -> Result<Transcript, Trouble> {
    let text = String::from_utf8_lossy(&pack::read(path)?).into_owned();
    Ok(Transcript::parse(&path.display().to_string(), &text)?)
}

fn record_line(file: &Path, port: &str, calls: Option<&Path>, plugc: &Path) -> Outcome {
    let calls = match calls {
        Some(path) => transcript(path)?,
        None => Transcript { name: String::new(), steps: Vec::new() },
    };
    let calls: Vec<Call> = calls.calls().into_iter().map(|(call, _)| call).collect();
    let loaded = check::load(&pack::read(file)?, plugc)?.map_err(Trouble)?;
    let driver = loaded.host.reader(&loaded.id);
    let driver =
        driver.ok_or_else(|| Trouble::new("not-a-reader", "这不是读卡器驱动", "this is not a reader driver"))?;
    let line = SerialLine::open(port, None).map_err(|why| {
        Trouble::new("port", format!("串口 {port} 打不开：{why}"), format!("port {port} cannot be opened: {why}"))
    })?;
    let transcript = record(&driver, Box::new(line), &calls, port)?;
    out(&transcript.to_string())
}

fn keygen(name: &Path, no_password: bool, lang: Lang) -> Outcome {
    let password = if no_password { None } else { Some(new_password(lang)?) };
    if password.as_ref().is_some_and(String::is_empty) {
        return Err(keys::KeyError::Empty.into());
    }
    let public = keys::generate(name, password)?;
    let (key, public_file) = (keys::with_end(name, "key"), keys::with_end(name, "pub"));
    let zh = format!("私钥：{}（请妥善保管）\n公钥：{}\n交给运营者：{public}", key.display(), public_file.display());
    let en = format!(
        "secret key: {} (keep it to yourself)\npublic key: {}\nfor the operators: {public}",
        key.display(),
        public_file.display()
    );
    tell(lang, &zh, &en)
}

fn inspect(file: &Path, key: Option<&Path>, json: bool, lang: Lang) -> Outcome {
    let key = key.map(keys::public).transpose()?;
    let look = pack::inspect(file, key.as_ref())?;
    let verified = look.signature.as_ref().and_then(|signature| signature.verified);
    out(&if json { to_json(&look)? } else { look_words(&look, lang)? })?;
    Ok(key.is_none() || verified == Some(true))
}

fn look_words(look: &pack::Look, lang: Lang) -> Result<String, Trouble> {
    let none = || lang.pick_text("无", "none").to_owned();
    let manifest = look.manifest.as_ref().map(to_line).transpose()?.unwrap_or_else(none);
    let signature = look.signature.as_ref().map_or_else(none, |signature| {
        let (zh, en) = match signature.verified {
            Some(true) => ("，签名有效", ", verified"),
            Some(false) => ("，签名无效：不是该密钥所签，或已被改动", ", NOT of the given key, or altered"),
            None => ("，未验证", ", not verified"),
        };
        format!("{} ({}){}", signature.key, signature.comment, lang.pick_text(zh, en))
    });
    let (size, sha256) = (look.bytes, look.sha256);
    let zh = format!("大小：{size} B\nsha256：{sha256}\n清单：{manifest}\n签名：{signature}");
    let en = format!("size: {size} B\nsha256: {sha256}\nmanifest: {manifest}\nsignature: {signature}");
    Ok(lang.pick_text(&zh, &en).to_owned())
}

fn to_line(value: &impl serde::Serialize) -> Result<String, Trouble> {
    serde_json::to_string(value)
        .map_err(|why| Trouble::new("json", format!("无法写成 JSON：{why}"), format!("it is no JSON: {why}")))
}

fn password(lang: Lang, variable: &'static str, (zh, en): (&str, &str)) -> Result<String, keys::KeyError> {
    match std::env::var(variable) {
        Ok(password) => Ok(password),
        Err(_) => {
            rpassword::prompt_password(lang.pick_text(zh, en)).map_err(|why| keys::KeyError::Password { variable, why })
        }
    }
}

/// Asked for twice: a slip of the keys would lose the key.
fn new_password(lang: Lang) -> Result<String, keys::KeyError> {
    let variable = "DIANKA_KEY_PASSWORD";
    let first = password(lang, variable, ("新密钥的密码：", "Password for the new key: "))?;
    if !first.is_empty() && first != password(lang, variable, ("再输一遍：", "Once more: "))? {
        return Err(keys::KeyError::Differ);
    }
    Ok(first)
}

fn tell(lang: Lang, zh: &str, en: &str) -> Outcome {
    out(lang.pick_text(zh, en))
}

fn warn(lang: Lang, zh: &str, en: &str) -> Result<(), Trouble> {
    writeln!(io::stderr(), "{}", lang.pick_text(zh, en)).map_err(|why| no_output(&why))
}

fn plugc(given: Option<PathBuf>) -> Result<PathBuf, Trouble> {
    let beside = || std::env::current_exe().map(|own| own.with_file_name("dianka-plugc")).unwrap_or_default();
    let path = given.unwrap_or_else(beside);
    // The host runs it from another folder.
    path.canonicalize().map_err(|_| {
        let path = path.display();
        Trouble::new(
            "no-plugc",
            format!("没有 {path}：请用 cargo build -p dianka-plugin-compile 构建，或用 --plugc 指明"),
            format!("there is no {path}: build it with cargo build -p dianka-plugin-compile, or name it with --plugc"),
        )
    })
}
