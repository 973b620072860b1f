//! What every commit runs: schedules, the same seed twice, every planted defect, seeds that once found something, a share
//! through the components that ship.

use std::path::PathBuf;

use dianka_sim::defect::Defect;
use dianka_sim::run::Runner;
use dianka_sim::standard::Standards;

/// Seeds within which every planted defect must be found that is not called rare.
const WITHIN: u64 = 1500;

fn show(runner: &Runner, seed: u64, defect: Option<Defect>) -> String {
    let report = runner.report(seed, defect);
    report.map_or_else(String::new, |r| {
        format!("seed {}: {}, {} events\n{}", r.seed, r.what, r.events, r.trace.join("\n"))
    })
}

#[test]
fn two_thousand_schedules_break_no_rule() {
    let runner = Runner::new(Standards::native());
    let mut counts = std::collections::BTreeMap::new();
    for seed in 0..2000 {
        let outcome = runner.run(seed, None);
        assert_eq!(outcome.violation, None, "{}", show(&runner, seed, None));
        for (what, count) in outcome.counts {
            *counts.entry(what).or_insert(0_u64) += count;
        }
    }
    // Events so tame that nothing happens would be a defect.
    for what in [
        "card: a person is asked",
        "card: the meter has taken it",
        "card: write on",
        "database: commit unclear, it did not",
        "database: commit unclear, it happened",
        "database: down",
        "database: no connection",
        "event: card exchanged",
        "event: card pulled while writing",
        "event: late message to a station",
        "event: late message to the server",
        "event: money asked back",
        "event: server killed",
        "event: station killed while writing",
        "meter: loaded",
        "page: answer lost",
        "page: sends again",
        "password: wrong",
        "sale: authorised",
        "sale: committed",
        "sale: voided",
        "station: power cut in a journal entry",
        "tear: pulled",
        "tear: reader without power",
        "tear: station without power",
        "ticket refused: ticket.dead_session",
        "ticket refused: ticket.stale_epoch",
        "verdict: commit",
        "verdict: void",
        "verdict: wait, Interrupted",
        "verdict: wait, Stale",
        "verdict: write on",
    ] {
        let often = counts.get(what).copied().unwrap_or(0);
        assert!(often >= 20, "{what}: {often} times in 2,000 schedules; {counts:#?}");
    }
}

#[test]
fn the_same_seed_is_the_same_schedule() {
    let (first, second) = (Runner::new(Standards::native()), Runner::new(Standards::native()));
    for seed in 0..40 {
        let (a, b) = (first.run(seed, None), second.run(seed, None));
        assert_eq!((a.hash, a.events, a.counts), (b.hash, b.events, b.counts), "seed {seed}");
    }
}

#[test]
fn every_planted_defect_is_found() {
    let runner = Runner::new(Standards::native());
    for defect in Defect::ALL.into_iter().filter(|defect| !Defect::RARE.contains(defect)) {
        let found = (0..WITHIN).find(|seed| runner.run(*seed, Some(defect)).violation.is_some());
        assert!(found.is_some(), "{} is not found in {WITHIN} seeds", defect.name());
    }
}

#[test]
fn the_shipped_components_come_to_the_same() {
    let target = std::env::current_exe().unwrap().parent().and_then(|dir| dir.parent()).map(PathBuf::from).unwrap();
    let drivers = std::env::var_os("DIANKA_DRIVERS_DIR").map_or_else(|| target.join("../drivers"), PathBuf::from);
    let plugc = std::env::var_os("DIANKA_PLUGC").map_or_else(|| target.join("dianka-plugc"), PathBuf::from);
    let (native, wasm) = (Runner::new(Standards::native()), Runner::new(Standards::wasm(&drivers, &plugc)));
    for seed in 0..10 {
        let (a, b) = (native.run(seed, None), wasm.run(seed, None));
        assert_eq!((a.hash, a.violation, a.counts), (b.hash, b.violation, b.counts), "seed {seed}");
    }
}
