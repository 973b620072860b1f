//! Runs schedules and prints what happened in them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use dianka_sim::defect::Defect;
use dianka_sim::run::Runner;
use dianka_sim::standard::Standards;

/// Random schedules of failures against the shipping rules, repeatable by seed.
#[derive(Debug, Parser)]
struct Args {
    /// How many.
    #[arg(long, default_value_t = 2000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Threads.
    #[arg(long, default_value_t = 1)]
    threads: u64,
    /// Plants a defect (`all`: each in turn, and says how soon it is found).
    #[arg(long)]
    defect: Option<String>,
    /// Tells everything that happens in the first seed.
    #[arg(long)]
    trace: bool,
    /// Instead of schedules: tears so many writes of each kind of card at every byte, with both drivers.
    #[arg(long)]
    torn: Option<u64>,
    /// Cards and meters by the components in this folder instead of their engine native; needs --plugc.
    #[arg(long)]
    wasm: Option<PathBuf>,
    /// The driver compiler.
    #[arg(long, default_value = "target/debug/dianka-plugc")]
    plugc: PathBuf,
}

impl Args {
    fn runner(&self) -> Runner {
        Runner::new(match &self.wasm {
            Some(drivers) => Standards::wasm(drivers, &self.plugc),
            None => Standards::native(),
        })
    }
}

#[derive(Default)]
struct Sum {
    counts: BTreeMap<String, u64>,
    events: usize,
    broken: Vec<u64>,
}

impl Sum {
    fn add(&mut self, other: Self) {
        for (what, count) in other.counts {
            *self.counts.entry(what).or_default() += count;
        }
        self.events += other.events;
        self.broken.extend(other.broken);
    }
}

fn some(args: &Args, seeds: impl Iterator<Item = u64>, defect: Option<Defect>) -> Sum {
    let runner = args.runner();
    let mut sum = Sum::default();
    for seed in seeds {
        let outcome = runner.run(seed, defect);
        sum.add(Sum {
            counts: outcome.counts,
            events: outcome.events,
            broken: outcome.violation.map(|_| seed).into_iter().collect(),
        });
    }
    sum
}

fn main() -> ExitCode {
    let args = Args::parse();
    if let Some(writes) = args.torn {
        return if dianka_sim::torn::table(writes) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    if args.defect.as_deref() == Some("all") {
        return defects(&args);
    }
    let defect = args.defect.as_ref().and_then(|name| Defect::ALL.into_iter().find(|defect| defect.name() == *name));
    if args.trace {
        let outcome = args.runner().prefix(args.from, defect, usize::MAX, true);
        println!("{}", outcome.trace.join("\n"));
    }
    let begun = Instant::now();
    let sum = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..args.threads.max(1))
            .map(|thread| {
                let args = &args;
                let seeds = (args.from..args.from + args.seeds).skip(usize::try_from(thread).unwrap_or(0));
                let seeds = seeds.step_by(usize::try_from(args.threads.max(1)).unwrap_or(1));
                scope.spawn(move || some(args, seeds, defect))
            })
            .collect();
        let mut all = Sum::default();
        for thread in threads {
            if let Ok(sum) = thread.join() {
                all.add(sum);
            }
        }
        all
    });
    let seconds = begun.elapsed().as_secs_f64();
    for (what, count) in &sum.counts {
        println!("{count:10}  {what}");
    }
    for seed in sum.broken.iter().take(3) {
        tell(&args, *seed, defect);
    }
    let per_s = u32::try_from(args.seeds).map_or(0.0, f64::from) / seconds;
    println!(
        "{} schedules from seed {}, {} events, {:.0} schedules/s on {} thread(s), {} violations {:?}",
        args.seeds,
        args.from,
        sum.events,
        per_s,
        args.threads,
        sum.broken.len(),
        sum.broken.iter().take(20).collect::<Vec<_>>(),
    );
    if sum.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn tell(args: &Args, seed: u64, defect: Option<Defect>) {
    if let Some(report) = args.runner().report(seed, defect) {
        println!("\nseed {}: {}\nafter {} events:", report.seed, report.what, report.events);
        println!("{}\n", report.trace.join("\n"));
    }
}

fn defects(args: &Args) -> ExitCode {
    let runner = args.runner();
    let mut missed = 0;
    for defect in Defect::ALL {
        let begun = Instant::now();
        let found =
            (args.from..args.from + args.seeds).find(|seed| runner.run(*seed, Some(defect)).violation.is_some());
        match found.and_then(|seed| runner.report(seed, Some(defect))) {
            Some(report) => println!(
                "{:16} seed {:6}, {:3} events: {} ({:.1} s)",
                defect.name(),
                report.seed,
                report.events,
                report.what,
                begun.elapsed().as_secs_f64()
            ),
            None => {
                println!("{:16} NOT FOUND in {} seeds", defect.name(), args.seeds);
                missed += 1;
            }
        }
    }
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
