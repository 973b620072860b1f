//! Sessions of reader drivers over a scripted port.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use dianka_plugin_host::reader::{LineSettings, Port, PortError, ReaderCallError, ReaderErrorKind, ReaderSession};
use dianka_plugin_host::{DriverState, Fault};

use crate::bench::{Bench, only};
use crate::guest::{ReaderGuest, Value, error, read_call};

/// Gives out what is in its queue, and waits for more until the deadline.
#[derive(Clone, Default)]
struct Script {
    input: Arc<Mutex<VecDeque<u8>>>,
    output: Arc<Mutex<Vec<u8>>>,
}

impl Port for Script {
    fn configure(&mut self, _: LineSettings) -> Result<(), PortError> {
        Ok(())
    }

    fn write(&mut self, bytes: &[u8], _: Instant) -> Result<(), PortError> {
        self.output.lock().unwrap().extend_from_slice(bytes);
        Ok(())
    }

    fn read(&mut self, len: usize, deadline: Instant) -> Result<Vec<u8>, PortError> {
        let mut input = self.input.lock().unwrap();
        if input.len() >= len {
            return Ok(input.drain(..len).collect());
        }
        let partial = input.drain(..).collect();
        drop(input);
        thread::sleep(deadline.saturating_duration_since(Instant::now()));
        Err(PortError::Timeout(partial))
    }

    fn flush_input(&mut self) -> Result<(), PortError> {
        self.input.lock().unwrap().clear();
        Ok(())
    }
}

fn open(guest: &ReaderGuest, port: Script) -> (Bench, dianka_plugin_host::Registry, ReaderSession) {
    let bench = Bench::new();
    bench.install(&guest.build(), "reader.wasm");
    let registry = bench.open();
    let driver = registry.reader("toy-reader").unwrap_or_else(|| panic!("not loaded: {:#?}", registry.list()));
    let session = driver.open(Box::new(port)).unwrap();
    (bench, registry, session)
}

fn info(model: &str) -> Value {
    Value::Record(vec![Value::text(model), Value::text("1")])
}

/// A driver that asks and gets an answer.
fn talker() -> ReaderGuest {
    ReaderGuest::default()
        .answer("who", Value::ok(info("Toy 1"), error_record()))
        .answer("nobody", error(info("")))
        .code(
            "probe",
            &format!(
                "(call $write (i32.const 1024) (i32.const 4) (i32.const 512))
                {}
                (select (i32.const {{nobody}}) (i32.const {{who}}) (i32.load8_u (i32.const 512)))",
                read_call(2, 50)
            ),
        )
}

fn error_record() -> Value {
    Value::Record(vec![Value::U8(0), Value::text(""), Value::text("")])
}

/// Reads `times` times with a deadline, then says whether there is a card: no.
fn reads(times: u32, deadline_ms: u32) -> ReaderGuest {
    let read = read_call(1, deadline_ms);
    ReaderGuest::default().answer("no", Value::ok(Value::Bool(false), error_record())).code(
        "poll",
        &format!(
            "(local.set $n (i32.const {times}))
            (loop $l {read} (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (i32.const {{no}})"
        ),
    )
}

#[test]
fn a_session_talks_over_its_port_and_keeps_its_state() {
    let port = Script::default();
    port.input.lock().unwrap().extend([1, 2]);
    let (_bench, _registry, mut session) = open(&talker(), port.clone());
    assert_eq!(session.probe().unwrap().model, "Toy 1");
    assert_eq!(port.output.lock().unwrap().len(), 4);

    let Err(ReaderCallError::Reader(error)) = session.probe() else { panic!() };
    assert_eq!((error.kind, error.code.as_str()), (ReaderErrorKind::NoAnswer, "E1"));
    port.input.lock().unwrap().extend([1, 2]);
    assert!(session.probe().is_ok());
}

#[test]
fn waiting_costs_no_cpu_time() {
    // 60 waits, each longer than a tick, are more than the 50 ticks of the budget.
    let (_bench, _registry, mut session) = open(&reads(60, 25), Script::default());
    assert_eq!(session.poll(), Ok(false));
    assert_eq!(session.poll(), Ok(false));
}

#[test]
fn a_loop_is_stopped_and_the_session_is_dead() {
    let guest = ReaderGuest::default().code("probe", "(loop $l (br $l)) unreachable");
    let (_bench, registry, mut session) = open(&guest, Script::default());
    let start = Instant::now();
    assert_eq!(session.probe(), Err(ReaderCallError::Fault(Fault::Cpu { ticks: 50 })));
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(session.poll(), Err(ReaderCallError::Dead(Fault::Cpu { ticks: 50 })));
    assert_eq!(only(&registry).faults, 1);
}

#[test]
fn reads_end_with_the_calls_wall_time() {
    let (_bench, _registry, mut session) = open(&reads(3, 60_000), Script::default());
    session.set_wall(Duration::from_millis(200));
    let start = Instant::now();
    assert_eq!(session.poll(), Ok(false));
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(200) && took < Duration::from_secs(2), "{took:?}");
}

#[test]
fn a_driver_that_never_gives_up_is_stopped() {
    let (_bench, _registry, mut session) = open(&reads(u32::MAX, 60_000), Script::default());
    session.set_wall(Duration::from_millis(100));
    let Err(ReaderCallError::Fault(fault)) = session.poll() else { panic!() };
    assert!(matches!(fault, Fault::Cpu { .. } | Fault::WallTime { .. }), "{fault}");
    assert!(session.dead().is_some());
}

#[test]
fn a_driver_that_calls_the_host_all_the_time_is_charged() {
    let spin = "(loop $l (call $flush (i32.const 512)) (br $l)) unreachable";
    let (_bench, _registry, mut session) = open(&ReaderGuest::default().code("poll", spin), Script::default());
    session.set_wall(Duration::from_secs(600));
    assert!(matches!(session.poll(), Err(ReaderCallError::Fault(Fault::Cpu { .. }))));
}

#[test]
fn after_a_trap_a_new_session_works() {
    let port = Script::default();
    port.input.lock().unwrap().extend([1, 2]);
    let (_bench, registry, mut session) = open(&talker(), port.clone());
    let Err(ReaderCallError::Fault(Fault::Trap(_))) = session.poll() else { panic!() };
    assert!(matches!(session.probe(), Err(ReaderCallError::Dead(Fault::Trap(_)))));
    let mut session = registry.reader("toy-reader").unwrap().open(Box::new(port)).unwrap();
    assert!(session.probe().is_ok());
}

#[test]
fn three_dead_sessions_take_the_driver_out_of_service() {
    let bench = Bench::new();
    bench.install(&ReaderGuest::default().build(), "reader.wasm");
    let registry = bench.open();
    let driver = registry.reader("toy-reader").unwrap();
    for _ in 0..3 {
        assert!(driver.open(Box::new(Script::default())).unwrap().probe().is_err());
    }
    assert_eq!(only(&registry).state, DriverState::Quarantined);
    assert!(matches!(driver.open(Box::new(Script::default())), Err(ReaderCallError::Quarantined(_))));
}

#[test]
fn transfers_over_4096_bytes_do_not_reach_the_port() {
    // `too-large` is case 3 of the port's errors; anything else traps.
    let check = "(if (i32.or (i32.ne (i32.load8_u (i32.const 512)) (i32.const 1))
                             (i32.ne (i32.load8_u (i32.const 516)) (i32.const 3))) (then unreachable))";
    let guest = ReaderGuest::default().answer("no", Value::ok(Value::Bool(false), error_record())).code(
        "poll",
        &format!(
            "{} {check} (call $write (i32.const 0) (i32.const 4097) (i32.const 512)) {check} (i32.const {{no}})",
            read_call(4097, 10)
        ),
    );
    let port = Script::default();
    let (_bench, _registry, mut session) = open(&guest, port.clone());
    assert_eq!(session.poll(), Ok(false));
    assert!(port.output.lock().unwrap().is_empty());
}

#[test]
fn a_read_of_another_length_is_a_fault() {
    let guest = ReaderGuest::default()
        .answer("three", Value::ok(Value::Bytes(vec![1, 2, 3]), error_record()))
        .code("read", "(i32.const {three})");
    let (_bench, _registry, mut session) = open(&guest, Script::default());
    assert_eq!(session.read(0, 3), Ok(vec![1, 2, 3]));
    assert!(matches!(session.read(0, 4), Err(ReaderCallError::Fault(Fault::Incompatible(_)))));
    assert!(session.dead().is_some());
}
