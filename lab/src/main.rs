//! `dianka-lab`: a simulated card reader to play with, and the peer for other people's drivers.

use clap::{Args, Parser, Subcommand};
use dianka_lab::ccid::{ReaderOptions, ReaderSim, SlotView};
use dianka_lab::sle4442::Sle4442;
use dianka_lab::world::{CardFile, World};
use nix::sys::signal::{SigSet, Signal};
use std::error::Error;
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

#[derive(Parser)]
#[command(name = "dianka-lab", version, about = "Simulated card reader with an SLE4442 card / 模拟读卡器与 SLE4442 卡")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs a serial CCID reader on a pseudo-terminal / 在伪终端上运行串口 CCID 读卡器
    ///
    /// Commands on standard input: insert, remove, blank, status, quit.
    Reader(Reader),
    /// Runs the reader of one workstation of a bench / 运行学习台上某一工作站的读卡器
    ///
    /// Cards come and go as the bench says. Commands on standard input: status, quit.
    Bench(Bench),
}

#[derive(Args)]
struct Behaviour {
    /// Path under which the port appears / 端口出现的路径
    #[arg(long)]
    link: PathBuf,
    /// Does not send the host's frames back / 不回显主机帧
    #[arg(long)]
    no_echo: bool,
    /// Milliseconds after each byte sent / 每发一字节后的毫秒数
    #[arg(long, default_value_t = 0)]
    slow_ms_per_byte: u32,
    /// Microseconds of one cell operation, 2500 in silicon / 一次单元操作的微秒数
    #[arg(long, default_value_t = 0)]
    cell_us: u64,
    /// Frames refused, of a thousand / 千帧中拒收的帧数
    #[arg(long, default_value_t = 0)]
    nak_permille: u16,
}

#[derive(Args)]
struct Bench {
    #[command(flatten)]
    behaviour: Behaviour,
    /// Folder of the bench / 学习台目录
    #[arg(long)]
    dir: PathBuf,
    /// Whose reader it is / 工作站编号
    #[arg(long)]
    workstation: u32,
}

#[derive(Args)]
struct Reader {
    #[command(flatten)]
    behaviour: Behaviour,
    /// File with the card's cells, made blank if missing; without it the card is lost at the end / 卡单元文件
    #[arg(long)]
    card: Option<PathBuf>,
    /// Starts with an empty slot / 启动时卡座为空
    #[arg(long)]
    empty: bool,
}

enum Event {
    Line(String),
    Stop,
}

fn main() -> Result<(), Box<dyn Error>> {
    // Before any thread starts, so that all of them leave the signals to the one that waits.
    let mut stops = SigSet::empty();
    stops.add(Signal::SIGTERM);
    stops.add(Signal::SIGINT);
    stops.thread_block()?;
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let command = Cli::parse().command;
    let (events, inbox) = channel();
    let signals = events.clone();
    std::thread::spawn(move || {
        let _ = stops.wait();
        let _ = signals.send(Event::Stop);
    });
    std::thread::spawn(move || forward_lines(&events));
    match command {
        Command::Reader(asked) => run_reader(&asked, &inbox),
        Command::Bench(asked) => run_bench(&asked, &inbox),
    }
}

impl Behaviour {
    fn spawn(&self) -> std::io::Result<ReaderSim> {
        let options = ReaderOptions {
            echo: !self.no_echo,
            slow_ms_per_byte: self.slow_ms_per_byte,
            cell_time: Duration::from_micros(self.cell_us),
            nak_permille: self.nak_permille,
            ..ReaderOptions::default()
        };
        ReaderSim::spawn(Some(&self.link), options)
    }
}

fn run_reader(asked: &Reader, inbox: &Receiver<Event>) -> Result<(), Box<dyn Error>> {
    let sim = asked.behaviour.spawn()?;
    let mut aside = Some(first_card(asked.card.as_deref())?);
    if !asked.empty {
        insert(&sim, &mut aside);
    }
    say(&format!("ready {}", sim.port_path().display()))?;
    while let Ok(Event::Line(line)) = inbox.recv() {
        match line.trim() {
            "insert" => insert(&sim, &mut aside),
            "remove" => aside = sim.remove().or(aside),
            "blank" => {
                // A fresh card in memory; the one from the file, if any, is put away with its cells as they are.
                drop(sim.remove());
                aside = Some(Sle4442::blank());
                insert(&sim, &mut aside);
            }
            "status" | "" => {}
            "quit" => break,
            other => say(&format!("unknown command {other:?}: insert, remove, blank, status, quit"))?,
        }
        say(&status(&sim, aside.as_ref()))?;
    }
    Ok(())
}

fn run_bench(asked: &Bench, inbox: &Receiver<Event>) -> Result<(), Box<dyn Error>> {
    let reader = World::open(&asked.dir)?.attach_reader(asked.workstation, asked.behaviour.spawn()?)?;
    say(&format!("ready {}", reader.sim().port_path().display()))?;
    while let Ok(Event::Line(line)) = inbox.recv() {
        match line.trim() {
            "status" | "" => say(&status(reader.sim(), None))?,
            "quit" => break,
            other => say(&format!("unknown command {other:?}: status, quit"))?,
        }
    }
    Ok(())
}

fn first_card(file: Option<&Path>) -> Result<Sle4442, Box<dyn Error>> {
    Ok(match file {
        Some(path) if path.exists() => CardFile::open(path)?.into_card()?,
        Some(path) => CardFile::create(path)?.into_card()?,
        None => Sle4442::blank(),
    })
}

/// The end of standard input is not the end of the reader: it may have been started without one.
fn forward_lines(events: &Sender<Event>) {
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        if events.send(Event::Line(line)).is_err() {
            return;
        }
    }
}

fn insert(sim: &ReaderSim, aside: &mut Option<Sle4442>) {
    if sim.reinsert() {
        return;
    }
    if let Some(card) = aside.take()
        && let Err(occupied) = sim.insert(card)
    {
        *aside = Some(*occupied.0);
    }
}

fn status(sim: &ReaderSim, aside: Option<&Sle4442>) -> String {
    let slot = match sim.slot() {
        SlotView::Empty => "empty",
        SlotView::Card => "card",
        SlotView::Pulled => "pulled",
    };
    let card = sim.look(describe).or_else(|| aside.map(describe)).unwrap_or_else(|| "no card".to_owned());
    format!("slot {slot}; {card}")
}

fn describe(card: &Sle4442) -> String {
    format!(
        "error counter {}, {} cell operations, code {}",
        card.error_counter(),
        card.cells().total(),
        if card.is_open() { "verified" } else { "not verified" }
    )
}

fn say(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}
