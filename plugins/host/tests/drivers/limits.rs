//! What a meter driver cannot take: time, memory, stack, the host's memory.

use std::thread;
use std::time::{Duration, Instant};

use dianka_domain::units::{MeterEnergy, Multiplier, RealEnergy};
use dianka_plugin_host::meter::{MeterDriver, PlanRequest, QuantityPlan};
use dianka_plugin_host::{CallError, Fault};

use crate::bench::Bench;
use crate::guest::{MeterGuest, Value, before, content, toy_refusal};

fn request() -> PlanRequest {
    PlanRequest {
        purchase_real_wh: RealEnergy::from_wh(100_000),
        adjustment_real_wh: RealEnergy::ZERO,
        multiplier: Multiplier::ONE,
        preset_wh: MeterEnergy::ZERO,
        first: true,
        count: 1,
        hoard_wh: MeterEnergy::ZERO,
        alarm_wh: None,
    }
}

/// What becomes of a plan that runs `code`, and how long it took. The same driver must work afterwards.
fn attack(guest: MeterGuest) -> (Fault, Duration) {
    let (_bench, _registry, driver) = Bench::with_meter(&guest.build(), "toy");
    let start = Instant::now();
    let fault = fault_of(&driver);
    let took = start.elapsed();
    assert!(driver.decode(&driver.encode(&content(), &before()).unwrap()).is_ok());
    assert_eq!(driver.faults(), 1);
    (fault, took)
}

fn fault_of(driver: &MeterDriver) -> Fault {
    match driver.plan(&request()) {
        Err(CallError::Fault(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

fn toy() -> MeterGuest {
    MeterGuest::honest("toy", "1.0.0")
}

#[test]
fn an_honest_plan_is_answered() {
    let (_bench, _registry, driver) = Bench::with_meter(&toy().build(), "toy");
    let plan = QuantityPlan {
        quantity_wh: MeterEnergy::from_wh(100_000),
        alarm_wh: MeterEnergy::from_wh(10_000),
        preset_deducted_wh: MeterEnergy::ZERO,
    };
    assert_eq!(driver.plan(&request()), Ok(plan));
    assert_eq!(driver.decode(&driver.encode(&content(), &before()).unwrap()), Ok(content()));
}

#[test]
fn a_refusal_is_an_answer_and_no_fault() {
    let no = Value::err(toy_refusal("below-minimum"), Value::Record(vec![Value::S64(0), Value::S64(0), Value::S64(0)]));
    let (_bench, _registry, driver) = Bench::with_meter(&toy().planning(no).build(), "toy");
    for _ in 0..10 {
        let Err(CallError::Refusal(refusal)) = driver.plan(&request()) else { panic!() };
        assert_eq!((refusal.code.as_str(), refusal.at), ("below-minimum", Some(0x40)));
    }
    assert_eq!((driver.faults(), driver.quarantine()), (0, None));
}

#[test]
fn an_endless_loop_is_stopped() {
    let (fault, took) = attack(toy().plan_code("(loop $l (br $l)) unreachable"));
    assert_eq!(fault, Fault::Cpu { ticks: 10 });
    assert!(took >= Duration::from_millis(80), "{took:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn several_endless_loops_at_once_do_not_shorten_each_others_time() {
    let loops = toy().plan_code("(loop $l (br $l)) unreachable").build();
    let (_bench, _registry, driver) = Bench::with_meter(&loops, "toy");
    let shortest = thread::scope(|scope| {
        let runs: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let start = Instant::now();
                    // In quarantine after the third, a driver is not run at all.
                    matches!(driver.plan(&request()), Err(CallError::Fault(Fault::Cpu { .. }))).then(|| start.elapsed())
                })
            })
            .collect();
        runs.into_iter().filter_map(|run| run.join().unwrap()).min().unwrap()
    });
    assert!(shortest >= Duration::from_millis(80), "{shortest:?}");
}

#[test]
fn a_memory_bomb_is_stopped_at_16_mib() {
    // Grows page by page until it gets no more, as an allocator does, and then gives up.
    let bomb = "(loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable";
    let (fault, _) = attack(toy().plan_code(bomb));
    let limit = 16 * 1024 * 1024;
    assert_eq!(fault, Fault::Memory { wanted: limit + 65_536, limit });
}

#[test]
fn a_guest_that_is_denied_memory_may_go_on() {
    let polite = "(drop (memory.grow (i32.const 60000))) (i32.const $torn)";
    let (_bench, _registry, driver) = Bench::with_meter(&toy().plan_code(polite).build(), "toy");
    assert!(matches!(driver.plan(&request()), Err(CallError::Refusal(_))));
}

#[test]
fn traps_are_faults() {
    for (code, text) in [
        ("unreachable", "unreachable"),
        ("(i32.div_u (i32.const 1) (i32.const 0))", "divide by zero"),
        ("(i32.load (i32.const -4))", "out of bounds"),
        ("(drop (call $deep (i64.const 1))) unreachable", "stack"),
        // Not an address of an answer at all.
        ("(i32.const -8)", "out of bounds"),
    ] {
        let (fault, _) = attack(toy().plan_code(code));
        assert!(matches!(&fault, Fault::Trap(why) if why.contains(text)), "{code}: {fault}");
    }
}

#[test]
fn an_answer_of_2_mib_is_not_taken() {
    let message = Value::Raw { address: 1024, len: 2 * 1024 * 1024 };
    let refusal =
        Value::Record(vec![Value::text("x"), message, Value::option(None, Value::U32(0)), Value::List(vec![])]);
    let answer = Value::err(refusal, Value::Record(vec![Value::S64(0), Value::S64(0), Value::S64(0)]));
    let (fault, _) = attack(toy().pages(40).planning(answer));
    assert_eq!(fault, Fault::TooMuchData);
}

#[test]
fn many_small_answers_are_not_taken_either() {
    // Half a million empty parameters cost the guest nothing and the host 24 bytes and more each.
    let refusal = Value::Record(vec![
        Value::text("x"),
        Value::text("y"),
        Value::option(None, Value::U32(0)),
        Value::Raw { address: 65_536, len: 50_000 },
    ]);
    let answer = Value::err(refusal, Value::Record(vec![Value::S64(0), Value::S64(0), Value::S64(0)]));
    let (fault, _) = attack(toy().pages(40).planning(answer));
    assert_eq!(fault, Fault::TooMuchData);
}

#[test]
fn a_text_that_is_no_text_is_a_fault() {
    let refusal = Value::Record(vec![
        Value::Bytes(vec![0xff, 0xfe]),
        Value::text("y"),
        Value::option(None, Value::U32(0)),
        Value::List(vec![]),
    ]);
    let answer = Value::err(refusal, Value::Record(vec![Value::S64(0), Value::S64(0), Value::S64(0)]));
    let (fault, _) = attack(toy().planning(answer));
    assert!(matches!(&fault, Fault::Trap(why) if why.contains("utf-8")), "{fault}");
}

#[test]
fn a_card_of_another_kind_or_size_is_a_fault() {
    for (chip, size) in [("sle4428", 256), ("sle4442", 255)] {
        let guest = toy().encoding(chip, vec![0; size]);
        let (_bench, _registry, driver) = Bench::with_meter(&guest.build(), "toy");
        let answer = driver.encode(&content(), &before());
        assert!(matches!(answer, Err(CallError::Fault(Fault::Incompatible(_)))), "{answer:?}");
    }
}

#[test]
fn nothing_is_left_over_from_one_call_to_the_next() {
    // Counts its calls in its memory; in a fresh instance it is always the first.
    let counts = "(i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
        (if (i32.ne (i32.load (i32.const 0)) (i32.const 1)) (then unreachable))
        (i32.const $torn)";
    let (_bench, _registry, driver) = Bench::with_meter(&toy().plan_code(counts).build(), "toy");
    for _ in 0..3 {
        assert!(matches!(driver.plan(&request()), Err(CallError::Refusal(_))));
    }
}
