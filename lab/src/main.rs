//! `dianka-lab`: a simulated card reader to try a driver against, and the peer for other people's drivers.

use clap::{Args, Parser, Subcommand};
use dianka_lab::card::{Card, Chip, Partial};
use dianka_lab::reader::{Protocol, ReaderOptions, ReaderSim, SlotView};
use dianka_lab::world::{CardFile, World};
use nix::sys::signal::{SigSet, Signal};
use std::error::Error;
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

#[derive(Parser)]
#[command(name = "dianka-lab", version, about = "Simulated card readers and memory cards / 模拟读卡器与存储卡")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs a reader on a pseudo-terminal / 在伪终端上运行读卡器
    ///
    /// Commands on standard input: insert, remove, blank, tear N, reset, unplug, replug, silent, garbage, healthy,
    /// status, quit.
    Reader(Reader),
    /// Runs the reader of one workstation of a bench / 运行学习台上某一工作站的读卡器
    ///
    /// Cards come and go as the bench says. Commands on standard input: reset, unplug, replug, silent, garbage, healthy,
    /// status, quit.
    Bench(Bench),
    /// Lists protocols and chips / 列出协议与芯片
    List,
}

#[derive(Args)]
struct Behaviour {
    /// Path under which the port appears / 端口出现的路径
    #[arg(long)]
    link: PathBuf,
    /// What the reader speaks: ccid-serial, ccid-acs, acr30, crt571, towitoko / 读卡器协议
    #[arg(long, default_value_t = Protocol::CcidSerial)]
    protocol: Protocol,
    /// ccid-serial only: does not send the host's frames back / 不回显主机帧
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
    /// Answers damaged by one bit, of a thousand / 千次应答中损坏的次数
    #[arg(long, default_value_t = 0)]
    corrupt_permille: u16,
    /// Answers nothing / 不应答
    #[arg(long)]
    silent: bool,
    /// Answers noise / 应答乱码
    #[arg(long)]
    garbage: bool,
    /// Follows the other reading where documents disagree (acr30, crt571) / 文档有分歧处采用另一种解释
    #[arg(long)]
    variant: bool,
    /// Seed of the chances / 随机种子
    #[arg(long, default_value_t = 1)]
    seed: u64,
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
    /// Chip of a new card: sle4442, sle4428, at24c02 / 新卡的芯片
    #[arg(long, default_value_t = Chip::Sle4442)]
    chip: Chip,
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
        Command::List => list(),
    }
}

impl Behaviour {
    fn spawn(&self) -> std::io::Result<ReaderSim> {
        let options = ReaderOptions {
            protocol: self.protocol,
            silent: self.silent,
            garbage: self.garbage,
            corrupt_permille: self.corrupt_permille,
            variant: self.variant,
            seed: self.seed,
            echo: !self.no_echo,
            slow_ms_per_byte: self.slow_ms_per_byte,
            cell_time: Duration::from_micros(self.cell_us),
            nak_permille: self.nak_permille,
        };
        ReaderSim::spawn(Some(&self.link), options)
    }
}

fn run_reader(asked: &Reader, inbox: &Receiver<Event>) -> Result<(), Box<dyn Error>> {
    let sim = asked.behaviour.spawn()?;
    let mut aside = Some(first_card(asked.card.as_deref(), asked.chip)?);
    if !asked.empty {
        insert(&sim, &mut aside);
    }
    say(&format!("ready {}", sim.port_path().display()))?;
    while let Ok(Event::Line(line)) = inbox.recv() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match *words {
            ["insert"] => insert(&sim, &mut aside),
            ["remove"] => aside = sim.remove().or(aside),
            ["blank"] => {
                // A fresh card in memory; the one from the file, if any, is put away with its cells as they are.
                drop(sim.remove());
                aside = Some(Card::blank(asked.chip));
                insert(&sim, &mut aside);
            }
            ["tear", operations] => match operations.parse() {
                Ok(operations) if sim.tear_after(operations, Partial::Seeded(asked.behaviour.seed)) => {}
                Ok(_) => say("no card to tear")?,
                Err(_) => say("tear N: the card is pulled in the middle of the cell operation after N more")?,
            },
            ["quit"] => break,
            _ if disturb(&sim, &words)? => {}
            _ => {
                say(&format!("unknown command {line:?}: insert, remove, blank, tear N, {DISTURBANCES}, status, quit"))?
            }
        }
        say(&status(&sim, aside.as_ref()))?;
    }
    Ok(())
}

fn run_bench(asked: &Bench, inbox: &Receiver<Event>) -> Result<(), Box<dyn Error>> {
    let reader = World::open(&asked.dir)?.attach_reader(asked.workstation, asked.behaviour.spawn()?)?;
    say(&format!("ready {}", reader.sim().port_path().display()))?;
    while let Ok(Event::Line(line)) = inbox.recv() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match *words {
            ["quit"] => break,
            _ if disturb(reader.sim(), &words)? => {}
            _ => say(&format!("unknown command {line:?}: {DISTURBANCES}, status, quit"))?,
        }
        say(&status(reader.sim(), None))?;
    }
    Ok(())
}

const DISTURBANCES: &str = "reset, unplug, replug, silent, garbage, healthy";

/// What can happen to any reader; false for a command that is none of these. Asking for the status is one that does
/// nothing.
fn disturb(sim: &ReaderSim, words: &[&str]) -> std::io::Result<bool> {
    match words {
        ["reset"] => sim.reset(),
        ["unplug"] => sim.unplug(),
        ["replug"] => sim.replug()?,
        ["silent"] => sim.set_options(|o| (o.silent, o.garbage) = (true, false)),
        ["garbage"] => sim.set_options(|o| (o.silent, o.garbage) = (false, true)),
        ["healthy"] => sim.set_options(|o| {
            (o.silent, o.garbage) = (false, false);
            (o.nak_permille, o.corrupt_permille, o.slow_ms_per_byte) = (0, 0, 0);
        }),
        ["status"] | [] => {}
        _ => return Ok(false),
    }
    Ok(true)
}

fn list() -> Result<(), Box<dyn Error>> {
    for protocol in Protocol::ALL {
        let (baud, bits) = protocol.line();
        say(&format!("protocol {protocol} {baud} {bits}"))?;
    }
    for chip in Chip::ALL {
        say(&format!("chip {chip} {} bytes", chip.main_size()))?;
    }
    Ok(())
}

fn first_card(file: Option<&Path>, chip: Chip) -> Result<Card, Box<dyn Error>> {
    Ok(match file {
        Some(path) if path.exists() => CardFile::open(path)?.into_card()?,
        Some(path) => CardFile::create(path, chip)?.into_card()?,
        None => Card::blank(chip),
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

fn insert(sim: &ReaderSim, aside: &mut Option<Card>) {
    if sim.reinsert() {
        return;
    }
    if let Some(card) = aside.take()
        && let Err(occupied) = sim.insert(card)
    {
        *aside = Some(*occupied.0);
    }
}

fn status(sim: &ReaderSim, aside: Option<&Card>) -> String {
    let slot = match sim.slot() {
        SlotView::Empty => "empty",
        SlotView::Card => "card",
        SlotView::Pulled => "pulled",
    };
    let card = sim.look(describe).or_else(|| aside.map(describe)).unwrap_or_else(|| "no card".to_owned());
    format!("slot {slot}; {card}")
}

fn describe(card: &Card) -> String {
    let code = match card.error_counter() {
        Some(counter) => {
            let verified = if card.is_open() { "verified" } else { "not verified" };
            format!(", error counter {counter}, code {verified}")
        }
        None => String::new(),
    };
    format!("{}, {} cell operations{code}", card.chip(), card.cells().total())
}

fn say(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}
