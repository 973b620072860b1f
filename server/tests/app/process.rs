//! The program itself: settings on its command line, a private Postgres, an orderly end.

use crate::support::{drivers_dir, plugc};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

fn dianka() -> Command {
    Command::new(env!("CARGO_BIN_EXE_dianka"))
}

fn output(args: &[&str]) -> Output {
    dianka().args(args).env_remove("DATABASE_URL").output().unwrap()
}

#[test]
fn openapi_and_default_are_printed() {
    let api = output(&["openapi"]);
    assert!(api.status.success());
    assert_eq!(api.stdout, dianka_server::http::openapi::describe().json());
    let default = output(&["config", "default"]);
    assert_eq!(String::from_utf8(default.stdout).unwrap(), dianka_server::config::DEFAULT_TOML);
}

#[test]
fn a_mistake_in_the_settings_names_its_source() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mine.toml");
    std::fs::write(&file, "[server]\nlisten_on = \"127.0.0.1:1\"\n").unwrap();
    let bad = output(&["config", "check", "--config", file.to_str().unwrap()]);
    let text = String::from_utf8(bad.stderr).unwrap();
    assert!(!bad.status.success());
    assert!(text.contains("listen_on") && text.contains("mine.toml"), "{text}");
    let good = output(&["config", "check", "--listen", "127.0.0.1:0", "--data", "/somewhere"]);
    assert!(good.status.success());
    assert!(String::from_utf8(good.stdout).unwrap().contains("/somewhere"));
}

/// Kills it when a test ends early.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(data: &Path, drivers: &Path) -> (Running, String, String) {
    let mut child = dianka()
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .arg("--drivers")
        .arg(drivers)
        .arg("--plugc")
        .arg(plugc())
        .env_remove("DATABASE_URL")
        .stdout(Stdio::piped())
        .stderr(Stdio::from(std::fs::File::create(data.join("log")).unwrap()))
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let running = Running(child);
    let mut heard = String::new();
    let mut address = None;
    while let Some(Ok(line)) = lines.next() {
        if let Some((_, rest)) = line.split_once("http://") {
            address.get_or_insert_with(|| rest.split('/').next().unwrap().to_owned());
        }
        heard.push_str(&line);
        heard.push('\n');
        if line.contains("setup-token") {
            break;
        }
    }
    let log = std::fs::read_to_string(data.join("log")).unwrap();
    (running, address.unwrap_or_else(|| panic!("no address in {heard:?}\n{log}")), heard)
}

/// Sends a request and leaves the answer on the line.
fn ask(address: &str, first_line: &str, more: &str, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "{first_line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{more}Content-Type: application/json\r\n"
    )
    .unwrap();
    write!(stream, "Content-Length: {length}\r\n\r\n{body}").unwrap();
    stream
}

fn answer(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn get(address: &str, path: &str) -> String {
    answer(ask(address, &format!("GET {path}"), "", ""))
}

fn body(answer: &str) -> Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// A page that listens to workstation 0.
fn listen(address: &str, setup_token: &str) -> TcpStream {
    let admin = json!({ "token": setup_token, "login": "admin", "name": "管理员", "password": "correct horse" });
    let set_up = body(&answer(ask(address, "POST /api/v1/setup", "", &admin.to_string())));
    let bearer = format!("Authorization: Bearer {}\r\n", set_up["access_token"].as_str().unwrap());
    let workstations = body(&answer(ask(address, "GET /api/v1/workstations", &bearer, "")));
    let own = workstations["items"][0]["id"].as_str().unwrap();
    let mut stream = ask(address, &format!("GET /api/v1/workstations/{own}/events"), &bearer, "");
    let mut start = [0_u8; 12];
    stream.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 200");
    stream
}

fn postmaster(data: &Path) -> Option<i32> {
    let file = walk(data)?;
    std::fs::read_to_string(file).ok()?.lines().next()?.trim().parse().ok()
}

/// The postmaster's own file with its process id, somewhere below the data folder.
fn walk(dir: &Path) -> Option<std::path::PathBuf> {
    for entry in std::fs::read_dir(dir).ok()?.flatten() {
        let path = entry.path();
        if entry.file_name() == "postmaster.pid" {
            return Some(path);
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir())
            && let Some(found) = walk(&path)
        {
            return Some(found);
        }
    }
    None
}

fn ends(mut running: Running, signal: Signal) -> bool {
    kill(Pid::from_raw(running.0.id().try_into().unwrap()), signal).unwrap();
    let started = Instant::now();
    loop {
        match running.0.try_wait().unwrap() {
            Some(status) => return status.success(),
            None if started.elapsed() > Duration::from_secs(60) => panic!("it does not end"),
            None => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

#[test]
fn it_starts_on_nothing_serves_and_stops_its_postgres() {
    let data = tempfile::tempdir().unwrap();
    let (first, address, heard) = serve(data.path(), &drivers_dir());
    let token = std::fs::read_to_string(data.path().join("setup-token")).unwrap();
    assert!(heard.contains(&format!("/setup?token={}", token.trim())), "{heard}");
    assert!(get(&address, "/readyz").starts_with("HTTP/1.1 200"));
    assert!(get(&address, "/api/v1/system").contains("\"needs_setup\":true"));
    let log = std::fs::read_to_string(data.path().join("log")).unwrap();
    assert!(!log.contains(token.trim()), "the token is not logged");

    // Killed: Postgres stays, and the next start takes it over, with the same token.
    let pid = postmaster(data.path()).unwrap();
    // A process whose parent was killed may stay as a zombie until init collects it.
    let alive = |pid: i32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
    };
    assert!(!ends(first, Signal::SIGKILL));
    assert!(alive(pid));
    let (second, address, heard) = serve(data.path(), &drivers_dir());
    assert!(heard.contains(token.trim()));
    assert_eq!(postmaster(data.path()), Some(pid));
    assert!(get(&address, "/readyz").starts_with("HTTP/1.1 200"));

    // Asked to end: everything ends, also what would last for ever, and soon.
    let page = listen(&address, token.trim());
    let asked = Instant::now();
    assert!(ends(second, Signal::SIGTERM));
    assert!(asked.elapsed() < Duration::from_secs(15), "{:?}", asked.elapsed());
    assert!(!alive(pid), "Postgres is stopped with the server");
    assert!(answer(page).contains("event: state"));
}

#[test]
fn a_driver_that_is_put_into_its_folder_is_picked_up() {
    let (data, drivers) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (server, address, _) = serve(data.path(), drivers.path());
    assert!(get(&address, "/readyz").contains("\"meter_drivers\":0"));
    let file = std::fs::read_dir(drivers_dir())
        .unwrap()
        .flatten()
        .find(|f| f.file_name().to_string_lossy().starts_with("jbt8382"));
    let file = file.unwrap();
    // In the way of a careful person: whole or not at all.
    let (draft, name) = (drivers.path().join("draft"), drivers.path().join(file.file_name()));
    std::fs::copy(file.path(), &draft).unwrap();
    std::fs::rename(&draft, &name).unwrap();
    let started = Instant::now();
    while !get(&address, "/readyz").contains("\"meter_drivers\":1") {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "{}",
            std::fs::read_to_string(data.path().join("log")).unwrap()
        );
        std::thread::sleep(Duration::from_millis(200));
    }
    // In learning mode there are meters of that standard to be tried at once.
    let made = || std::fs::read_to_string(data.path().join("log")).unwrap().contains("meter type with 6 meters");
    while !made() {
        let log = || std::fs::read_to_string(data.path().join("log")).unwrap();
        assert!(started.elapsed() < Duration::from_secs(60), "{}", log());
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(ends(server, Signal::SIGINT));
}

#[actix_web::test]
async fn a_given_database_is_migrated() {
    let db = dianka_store::testing::TestDb::new().await.unwrap();
    let data = tempfile::tempdir().unwrap();
    db.revert_migrations().await.unwrap();
    let migrate = |set: &[(&str, &str)]| {
        let mut command = dianka();
        command
            .args(["migrate", "--data"])
            .arg(data.path())
            .env_remove("DATABASE_URL")
            .env_remove("DATABASE_OWNER_URL");
        command.envs(set.iter().copied()).output().unwrap()
    };
    let (owner, app) = (db.owner_url(), db.app_url());
    let both = migrate(&[("DATABASE_URL", &app), ("DATABASE_OWNER_URL", &owner)]);
    assert!(both.status.success(), "{}", String::from_utf8_lossy(&both.stderr));
    assert_eq!(db.owner_number("SELECT count(*) FROM org").await.unwrap(), 0);
    let again = migrate(&[("DATABASE_URL", &owner)]);
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    let nowhere = migrate(&[("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing")]);
    assert!(!nowhere.status.success());
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("database"));
    assert!(!data.path().join("postgres").exists(), "no private Postgres beside a given one");
}
