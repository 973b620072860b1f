//! What each command does.

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use dianka_kit::check::{self, Options};
use dianka_kit::reader::{Call, Transcript, record};
use dianka_kit::{gate, keys, pack, project, push};
use dianka_plugin_package::Kind;
use dianka_station::port::SerialLine;

use crate::args::{Arguments, CheckArgs, Command, Lang};

type Outcome = Result<bool, Box<dyn Error>>;

/// Whether it went well; an error if it could not be done at all.
pub fn run(arguments: Arguments) -> Outcome {
    let given = arguments.plugc;
    match arguments.command {
        Command::New { kind, name, language, source } => {
            let source = source.unwrap_or_else(project::own_source);
            let folder = project::new(kind.into(), language.into(), &name, Path::new("."), &source)?;
            writeln!(io::stdout(), "{}: run ./build there", folder.display())?;
            Ok(true)
        }
        Command::Check(args) => check(args, &plugc(given)?),
        Command::Gate { file, out, cpu_seconds } => {
            gate::limit(cpu_seconds)?;
            gate::report(&file, &out, &plugc(given)?)?;
            Ok(true)
        }
        Command::Record { file, port, calls } => record_line(&file, &port, calls.as_deref(), &plugc(given)?),
        Command::Keygen { name, no_password, say } => keygen(&name, no_password, say.lang),
        Command::Pack { file, vendor, vectors, transcript, out, say } => {
            let vectors = pack::vectors(vectors.as_deref(), &transcript)?;
            let (manifest, bytes) = pack::pack(&file, &vendor, &vectors, &plugc(given)?)?;
            let name = format!("{}-{}.wasm", manifest.id, manifest.version);
            let out = out.unwrap_or_else(|| file.with_file_name(name));
            pack::write(&out, &bytes)?;
            if manifest.kind == Kind::Reader && vectors.transcripts.is_empty() {
                warn(
                    say.lang,
                    "注意：包里没有通信记录（--transcript），服务器无法检查密码是否只发送一次。",
                    "NOTE: there is no transcript in the package (--transcript), so no server can check that a password is sent only once.",
                )?;
            }
            tell(say.lang, &format!("已打包：{}", out.display()), &format!("packed: {}", out.display()))
        }
        Command::Sign { file, key, say } => {
            let key = keys::secret(&key, || {
                password(say.lang, "DIANKA_KEY_PASSWORD", ("密钥的密码：", "Password of the key: "))
            })?;
            pack::write(&file, &pack::sign(pack::read(&file)?, &key)?)?;
            tell(say.lang, &format!("已签名：{}", file.display()), &format!("signed: {}", file.display()))
        }
        Command::Inspect { file, key, json, say } => inspect(&file, key.as_deref(), json, say.lang),
        Command::Push { file, server, login, json, say } => {
            let package = pack::read(&file)?;
            let server = push::address(&server).map_err(|error| error.said(say.lang.into()))?;
            let password = password(say.lang, "DIANKA_PASSWORD", ("密码：", "Password: "))?;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let said = runtime.block_on(push::push(&server, &login, &password, package, say.lang.into()));
            let said = said.map_err(|error| error.said(say.lang.into()))?;
            let text = if json { serde_json::to_string_pretty(&said)? } else { push::summary(&said, say.lang.into()) };
            writeln!(io::stdout(), "{text}")?;
            Ok(true)
        }
    }
}

fn check(args: CheckArgs, plugc: &Path) -> Outcome {
    let mut transcripts = Vec::new();
    for path in &args.transcript {
        transcripts.push(transcript(path)?);
    }
    let options = Options { plugc: plugc.to_path_buf(), seed: args.seed, cases: args.cases, transcripts };
    let report = check::check(&args.file, &options)?;
    let text = if args.json { serde_json::to_string_pretty(&report)? } else { report.to_text(args.say.lang.into()) };
    writeln!(io::stdout(), "{}", text.trim_end())?;
    Ok(report.passed)
}

fn transcript(path: &Path) -> Result<Transcript, Box<dyn Error>> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|why| format!("{name}: {why}"))?;
    Ok(Transcript::parse(&name, &text)?)
}

fn record_line(file: &Path, port: &str, calls: Option<&Path>, plugc: &Path) -> Outcome {
    let calls = match calls {
        Some(path) => transcript(path)?,
        None => Transcript { name: String::new(), steps: Vec::new() },
    };
    let calls: Vec<Call> = calls.calls().into_iter().map(|(call, _)| call).collect();
    let loaded = check::load(&pack::read(file)?, plugc)?.map_err(|notice| notice.to_string())?;
    let driver = loaded.host.reader(&loaded.id).ok_or("not a reader driver")?;
    let line = SerialLine::open(port, None).map_err(|error| format!("{port}: {error}"))?;
    let transcript = record(&driver, Box::new(line), &calls, port)?;
    write!(io::stdout(), "{transcript}")?;
    Ok(true)
}

fn keygen(name: &Path, no_password: bool, lang: Lang) -> Outcome {
    let password = if no_password { None } else { Some(new_password(lang)?) };
    if password.as_ref().is_some_and(String::is_empty) {
        let text = in_words(
            lang,
            "空密码等于没有密码；确实不要密码请加 --no-password",
            "an empty password protects nothing; say --no-password if that is meant",
        );
        return Err(text.into());
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
    if json {
        writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&look)?)?;
    } else {
        let manifest = look.manifest.as_ref().map(serde_json::to_string).transpose()?;
        let none = match lang {
            Lang::Zh => "无",
            Lang::En => "none",
        };
        let signature = look.signature.as_ref().map(|signature| {
            let proof = match (signature.verified, lang) {
                (Some(true), Lang::Zh) => "，签名有效",
                (Some(true), Lang::En) => ", verified",
                (Some(false), Lang::Zh) => "，签名无效",
                (Some(false), Lang::En) => ", NOT of the given key, or altered",
                (None, Lang::Zh) => "，未验证",
                (None, Lang::En) => ", not verified",
            };
            format!("{} ({}){proof}", signature.key, signature.comment)
        });
        let (size, sha256) = (look.bytes, look.sha256);
        let (manifest, signature) = (manifest.as_deref().unwrap_or(none), signature.as_deref().unwrap_or(none));
        match lang {
            Lang::Zh => {
                writeln!(io::stdout(), "大小：{size} B\nsha256：{sha256}\n清单：{manifest}\n签名：{signature}")?
            }
            Lang::En => {
                writeln!(
                    io::stdout(),
                    "size: {size} B\nsha256: {sha256}\nmanifest: {manifest}\nsignature: {signature}"
                )?;
            }
        }
    }
    Ok(key.is_none() || verified == Some(true))
}

fn password(lang: Lang, variable: &str, (zh, en): (&str, &str)) -> io::Result<String> {
    match std::env::var(variable) {
        Ok(password) => Ok(password),
        Err(_) => rpassword::prompt_password(in_words(lang, zh, en)).map_err(|error| {
            let zh = format!("没有人可以询问密码，请设置 {variable}（{error}）");
            let en = format!("nobody to ask for a password; set {variable} ({error})");
            io::Error::other(in_words(lang, &zh, &en).to_owned())
        }),
    }
}

/// Asked for twice: a slip of the keys would lose the key.
fn new_password(lang: Lang) -> Result<String, Box<dyn Error>> {
    let variable = "DIANKA_KEY_PASSWORD";
    let first = password(lang, variable, ("新密钥的密码：", "Password for the new key: "))?;
    if !first.is_empty() && first != password(lang, variable, ("再输一遍：", "Once more: "))? {
        return Err(in_words(lang, "两次输入的密码不同", "the two passwords differ").into());
    }
    Ok(first)
}

fn in_words<'a>(lang: Lang, zh: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

fn tell(lang: Lang, zh: &str, en: &str) -> Outcome {
    writeln!(io::stdout(), "{}", in_words(lang, zh, en))?;
    Ok(true)
}

fn warn(lang: Lang, zh: &str, en: &str) -> Result<(), Box<dyn Error>> {
    Ok(writeln!(io::stderr(), "{}", in_words(lang, zh, en))?)
}

fn plugc(given: Option<PathBuf>) -> Result<PathBuf, Box<dyn Error>> {
    let path = match given {
        Some(path) => path,
        None => std::env::current_exe()?.with_file_name("dianka-plugc"),
    };
    // The host runs it from another folder.
    path.canonicalize().map_err(|why| {
        format!("{} (build it with: cargo build -p dianka-plugin-compile): {why}", path.display()).into()
    })
}
