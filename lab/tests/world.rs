//! The bench: places, readers that follow, two processes, and what a killed one leaves.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

mod common;

use common::Host;
use dianka_lab::card::{Cell, Partial};
use dianka_lab::reader::{ReaderOptions, ReaderSim, SlotView};
use dianka_lab::world::{CardId, Place, World, WorldError};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

fn sim() -> ReaderSim {
    ReaderSim::spawn(None, ReaderOptions::default()).unwrap()
}

fn bench() -> (tempfile::TempDir, World) {
    let dir = tempfile::tempdir().unwrap();
    let world = World::open(dir.path()).unwrap();
    (dir, world)
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(20), "in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A reader of the bench in a process of its own.
struct Other {
    child: Child,
    link: PathBuf,
}

impl Other {
    fn start(dir: &Path, workstation: u32, cell_us: u32) -> Self {
        let link = dir.join(format!("port{workstation}"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_dianka-lab"))
            .args(["bench", "--workstation", &workstation.to_string(), "--cell-us", &cell_us.to_string()])
            .arg("--dir")
            .arg(dir)
            .arg("--link")
            .arg(&link)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
        assert!(first.starts_with("ready"), "{first}");
        Self { child, link }
    }

    /// As `kill -9`.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The frame of a write of `bytes` at 40h.
fn write_at_40(host: &mut Host, bytes: &[u8]) -> Vec<u8> {
    let mut apdu = vec![0xFF, 0xD0, 0, 0x40, u8::try_from(bytes.len()).unwrap()];
    apdu.extend(bytes);
    host.frame(0x6F, 0, &apdu)
}

#[test]
fn cards_have_numbers_labels_and_one_place_each() {
    let (dir, world) = bench();
    let (a, b) = (world.new_card("张三").unwrap(), world.new_card("李四").unwrap());
    assert_eq!((a, b), (CardId(1), CardId(2)));
    world.insert_into_reader(a, 0).unwrap();
    assert!(matches!(
        world.insert_into_reader(b, 0),
        Err(WorldError::Occupied { place: Place::Reader(0), card }) if card == a
    ));
    world.insert_into_reader(a, 0).unwrap();
    world.insert_into_reader(b, 1).unwrap();
    assert_eq!(world.card_in(Place::Reader(1)).unwrap(), Some(b));
    world.take(a).unwrap();
    assert!(matches!(world.take(CardId(9)), Err(WorldError::NoCard(CardId(9)))));
    // Another process sees the same.
    let again = World::open(dir.path()).unwrap();
    let cards = again.cards().unwrap();
    let seen: Vec<_> = cards.iter().map(|card| (card.label.as_str(), card.place)).collect();
    assert_eq!(seen, [("张三", Place::Drawer), ("李四", Place::Reader(1))]);
    assert_eq!(cards[0].cells.image()[..5], [0xA2, 0x13, 0x10, 0x91, 0xFF]);
}

#[test]
fn a_reader_follows_its_card_and_the_file_follows_the_card() {
    let (_dir, world) = bench();
    let card = world.new_card("").unwrap();
    let reader = world.attach_reader(0, sim()).unwrap();
    assert!(matches!(world.attach_reader(0, sim()), Err(WorldError::WorkstationTaken(0))));
    let mut host = Host::open(&reader.sim().port_path(), true);
    assert_eq!(host.ask(0x65, 0, &[]).1, 2);
    world.insert_into_reader(card, 0).unwrap();
    assert_eq!(host.bytes(2), [0x50, 0x03]);
    host.start(true);
    let frame = write_at_40(&mut host, &[1, 2, 3]);
    host.send(&frame);
    host.bytes(15);
    let view = world.card(card).unwrap();
    assert_eq!(view.cells.image()[0x40..0x44], [1, 2, 3, 0xFF]);
    assert_eq!(view.cells.total(), 5, "two for the code, one for each byte");
    assert_eq!(view.cells.wear(Cell::main(0x41)), 1);
    assert!(matches!(world.hold(card), Err(WorldError::Busy(_))), "the reader has it");
    world.take(card).unwrap();
    assert_eq!(reader.sim().slot(), SlotView::Empty);
    assert_eq!(host.bytes(2), [0x50, 0x02]);
    drop(world.hold(card).unwrap());
    world.insert_into_reader(card, 0).unwrap();
    host.bytes(2);
    host.start(false);
    assert_eq!(host.apdu(&[0xFF, 0xB0, 0, 0x40, 3]), [1, 2, 3, 0x90, 0x00]);
}

#[test]
fn a_card_moves_between_two_readers_of_one_process() {
    let (_dir, world) = bench();
    let card = world.new_card("").unwrap();
    let readers = [world.attach_reader(0, sim()).unwrap(), world.attach_reader(1, sim()).unwrap()];
    for round in 0..6 {
        let to = round % 2;
        world.insert_into_reader(card, u32::try_from(to).unwrap()).unwrap();
        assert_eq!(readers[to].sim().slot(), SlotView::Card, "round {round}");
        assert_eq!(readers[1 - to].sim().slot(), SlotView::Empty, "round {round}");
    }
}

#[test]
fn a_scheduled_tear_leaves_the_card_torn_in_the_drawer() {
    let (_dir, world) = bench();
    let card = world.new_card("").unwrap();
    let reader = world.attach_reader(0, sim()).unwrap();
    world.tear_after(card, 4, Partial::Mask(0x0F)).unwrap();
    world.insert_into_reader(card, 0).unwrap();
    let mut host = Host::open(&reader.sim().port_path(), true);
    host.start(true);
    let frame = write_at_40(&mut host, &[0; 8]);
    host.send(&frame);
    assert_eq!(host.bytes(13)[9..11], [0x42, 0xFE], "no card any more");
    assert_eq!(host.bytes(2), [0x50, 0x02]);
    until("the card lies in the drawer", || world.card(card).unwrap().place == Place::Drawer);
    // Two operations for the code, two whole bytes, and the low half of the third.
    assert_eq!(world.card(card).unwrap().cells.image()[0x40..0x44], [0, 0, 0xF0, 0xFF]);
    world.insert_into_reader(card, 0).unwrap();
    assert_eq!(host.bytes(2), [0x50, 0x03]);
    host.start(true);
}

#[test]
fn a_reader_in_another_process_follows_the_bench() {
    let (dir, world) = bench();
    let card = world.new_card("").unwrap();
    let other = Other::start(dir.path(), 7, 0);
    assert!(matches!(world.attach_reader(7, sim()), Err(WorldError::WorkstationTaken(7))));
    let mut host = Host::open(&other.link, true);
    assert_eq!(host.ask(0x65, 0, &[]).1, 2);
    world.insert_into_reader(card, 7).unwrap();
    assert_eq!(host.bytes(2), [0x50, 0x03]);
    host.start(true);
    world.tear_after(card, 1, Partial::Mask(0xF0)).unwrap();
    let beside = dir.path().join("cards/0001.json");
    until("the other process takes the tear", || !std::fs::read_to_string(&beside).unwrap().contains("tear"));
    let frame = write_at_40(&mut host, &[0, 0]);
    host.send(&frame);
    assert_eq!(host.bytes(13)[9], 0x42);
    until("the card lies in the drawer", || world.card(card).unwrap().place == Place::Drawer);
    assert_eq!(world.card(card).unwrap().cells.image()[0x40..0x42], [0, 0x0F]);
    // The other process has let go of it, so a reader here can have it.
    let reader = world.attach_reader(0, sim()).unwrap();
    world.insert_into_reader(card, 0).unwrap();
    until("the card is in the reader here", || reader.sim().slot() == SlotView::Card);
}

#[test]
fn a_killed_process_leaves_the_card_as_torn_as_a_real_one() {
    let (dir, world) = bench();
    let card = world.new_card("").unwrap();
    world.insert_into_reader(card, 3).unwrap();
    let target: Vec<u8> = (0..100).collect();
    let other = Other::start(dir.path(), 3, 4000);
    let mut host = Host::open(&other.link, true);
    host.start(true);
    let frame = write_at_40(&mut host, &target);
    host.port.write_all(&frame).unwrap();
    until("some bytes are written", || world.card(card).unwrap().cells.image()[0x60] == 0x20);
    other.kill();
    let image = world.card(card).unwrap().cells.image();
    let written = image[0x40..0xA4].iter().zip(&target).take_while(|(is, wanted)| is == wanted).count();
    assert!((0x21..100).contains(&written), "{written} of 100 bytes");
    assert!(image[0x40 + written..].iter().all(|byte| *byte == 0xFF), "and nothing after them");
    // Its place is still the reader; the next process that is that workstation has it again, without power.
    assert_eq!(world.card(card).unwrap().place, Place::Reader(3));
    let _again = Other::start(dir.path(), 3, 0);
    let mut host = Host::open(&dir.path().join("port3"), true);
    host.start(false);
    assert_eq!(host.apdu(&[0xFF, 0xD0, 0, 0x40, 1, 0]), [0x69, 0x82]);
    assert_eq!(host.apdu(&[0xFF, 0xB0, 0, 0x40, 4]), [0, 1, 2, 3, 0x90, 0x00]);
}

#[test]
fn many_hands_at_once_keep_every_card_in_one_place() {
    let (dir, world) = bench();
    let cards: Vec<_> = (0..4).map(|n| world.new_card(&format!("card {n}")).unwrap()).collect();
    let _readers = [world.attach_reader(0, sim()).unwrap(), world.attach_reader(1, sim()).unwrap()];
    std::thread::scope(|scope| {
        for hand in 0..4u32 {
            let (cards, world) = (&cards, World::open(dir.path()).unwrap());
            scope.spawn(move || {
                for round in 0..25u32 {
                    let card = cards[usize::try_from((hand + round) % 4).unwrap()];
                    match world.insert_into_reader(card, round % 2) {
                        Ok(()) | Err(WorldError::Occupied { .. }) => {}
                        Err(error) => assert_eq!(error.to_string(), ""),
                    }
                    world.take(card).unwrap();
                    let in_readers =
                        |n| world.cards().unwrap().iter().filter(|card| card.place == Place::Reader(n)).count();
                    assert!(in_readers(0) <= 1 && in_readers(1) <= 1);
                }
            });
        }
    });
    for card in cards {
        world.take(card).unwrap();
        drop(world.hold(card).unwrap());
    }
}

#[test]
fn a_damaged_file_is_an_error_and_never_a_default() {
    let (dir, world) = bench();
    let card = world.new_card("").unwrap();
    std::fs::write(dir.path().join("cards/0001.bin"), b"DKCARD").unwrap();
    assert!(matches!(world.card(card), Err(WorldError::Corrupt { .. })));
    std::fs::write(dir.path().join("cards/0001.json"), b"{").unwrap();
    assert!(matches!(world.take(card), Err(WorldError::Corrupt { .. })));
}
