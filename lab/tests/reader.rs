//! The reader on a real pseudo-terminal, driven through the crate with which the station opens real ports.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod common;

use common::Host;
use dianka_lab::card::Partial;
use dianka_lab::reader::{ReaderOptions, ReaderSim, SlotView};
use dianka_lab::sle4442::Sle4442;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

const NAK: [u8; 3] = [0x03, 0x15, 0x16];

/// Whatever comes until nothing has come for a while.
fn rest(host: &mut Host) -> Vec<u8> {
    host.port.set_timeout(Duration::from_millis(400)).unwrap();
    let mut all = Vec::new();
    let mut buffer = [0; 64];
    while let Ok(count) = host.port.read(&mut buffer) {
        all.extend(&buffer[..count]);
    }
    host.port.set_timeout(Duration::from_secs(10)).unwrap();
    all
}

fn with_blank(options: ReaderOptions) -> ReaderSim {
    let sim = ReaderSim::spawn(None, options).unwrap();
    sim.insert(Sle4442::blank()).unwrap();
    sim
}

fn reader() -> (ReaderSim, Host) {
    let sim = with_blank(ReaderOptions::default());
    let host = Host::open(&sim.port_path(), true);
    (sim, host)
}

fn hex_line(line: &str) -> Vec<u8> {
    line.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

/// The transcript recorded between Debian's driver and another simulator, byte for byte.
fn replay(echo: bool) {
    let sim = with_blank(ReaderOptions { echo, ..ReaderOptions::default() });
    let mut host = Host::open(&sim.port_path(), echo);
    let mut asked = 0;
    for line in include_str!("vectors/serial_ccid_gempctwin_sle4442.txt").lines() {
        match line.split_once(' ').unwrap() {
            ("H", frame) => host.send(&hex_line(frame)),
            ("R", frame) => {
                let expected = hex_line(frame);
                assert_eq!(host.bytes(expected.len()), expected, "answer {asked}: {line}");
                asked += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(asked, 35);
    assert_eq!(rest(&mut host), b"", "nothing more than recorded");
}

#[test]
fn the_recorded_transcript_is_answered_byte_for_byte_with_the_echo() {
    replay(true);
}

#[test]
fn the_recorded_transcript_is_answered_byte_for_byte_without_the_echo() {
    replay(false);
}

#[test]
fn only_the_first_slot_ever_has_a_card() {
    for (echo, status) in [(true, (0x81, 0x42, 0x05, vec![])), (false, (0x81, 0x02, 0, vec![]))] {
        let sim = with_blank(ReaderOptions { echo, ..ReaderOptions::default() });
        let mut host = Host::open(&sim.port_path(), echo);
        host.slot = 1;
        assert_eq!(host.ask(0x65, 0, &[]), status);
        assert_eq!(host.ask(0x62, 1, &[]).1, 0x42);
    }
}

#[test]
fn every_pseudo_apdu_says_what_was_wrong_with_it() {
    let (_sim, mut host) = reader();
    host.ask(0x62, 1, &[]);
    for (apdu, status) in [
        (&[0xFF, 0xB0, 0, 0, 16][..], [0x69, 0x85]), // no card type selected
        (&[0xFF, 0xA4, 0, 0, 1, 5], [0x6A, 0x81]),   // SLE4428
        (&[0xFF, 0xA4, 0, 0, 1, 6], [0x90, 0x00]),
        (&[0xFF, 0xB0, 0, 0xF8, 9], [0x6B, 0x00]), // past the end
        (&[0xFF, 0xB0, 0, 0], [0x67, 0x00]),
        (&[0xFF, 0xB0], [0x67, 0x00]),
        (&[0x00, 0xB0, 0, 0, 1], [0x6E, 0x00]),
        (&[0xFF, 0x33, 0, 0, 1], [0x6D, 0x00]),
        (&[0xFF, 0xD0, 0, 0x20, 2, 1, 2], [0x69, 0x82]), // no code presented
        (&[0xFF, 0xD2, 0, 1, 3, 1, 2, 3], [0x69, 0x82]),
        (&[0xFF, 0xD1, 0, 0, 1, 0xA2], [0x69, 0x82]),
        (&[0xFF, 0x20, 0, 0, 2, 1, 2], [0x67, 0x00]),
        (&[0xFF, 0x20, 0, 0, 3, 0xFF, 0xFF, 0xFF], [0x90, 0x07]),
        (&[0xFF, 0xD0, 0, 0xFF, 2, 1, 2], [0x6B, 0x00]),
        (&[0xFF, 0xD0, 0, 0x20, 3, 1, 2], [0x67, 0x00]),
        (&[0xFF, 0xD0, 0, 0x20, 2, 1, 2], [0x90, 0x00]),
        (&[0xFF, 0xD1, 0, 0, 1, 0xA3], [0x65, 0x81]), // differs from what the byte holds
        (&[0xFF, 0xD1, 0, 0, 1, 0xA2], [0x90, 0x00]),
        (&[0xFF, 0xD0, 0, 0, 1, 0xA3], [0x65, 0x81]), // protected now
        (&[0xFF, 0xD1, 0, 0x20, 1, 1], [0x6B, 0x00]), // no protection bit there
        (&[0xFF, 0xA4, 0, 0, 1, 6], [0x90, 0x00]),    // selecting again closes access
        (&[0xFF, 0xD0, 0, 0x20, 1, 9], [0x69, 0x82]),
    ] {
        assert_eq!(host.apdu(apdu), status, "APDU {apdu:02X?}");
    }
    let whole = host.apdu(&[0xFF, 0xB0, 0, 0, 0]);
    assert_eq!(whole.len(), 258, "an expected length of 0 means 256");
    assert_eq!(whole[0x20..0x22], [1, 2]);
}

#[test]
fn three_wrong_codes_lock_and_the_trap_word_9000_says_so() {
    let (sim, mut host) = reader();
    host.start(false);
    for left in [6, 4, 0, 0] {
        assert_eq!(host.apdu(&[0xFF, 0x20, 0, 0, 3, 1, 2, 3]), [0x90, left]);
    }
    assert_eq!(host.apdu(&[0xFF, 0x20, 0, 0, 3, 0xFF, 0xFF, 0xFF]), [0x90, 0x00]);
    assert_eq!(host.apdu(&[0xFF, 0xB1, 0, 0, 4]), [0, 0, 0, 0, 0x90, 0x00]);
    assert_eq!(sim.look(|card| card.error_counter()), Some(Some(0)));
}

#[test]
fn insertion_and_removal_are_told_and_a_swapped_card_has_no_power() {
    let (sim, mut host) = reader();
    host.start(true);
    let card = sim.remove().unwrap();
    assert_eq!(host.bytes(2), [0x50, 0x02]);
    assert_eq!(host.ask(0x65, 0, &[]), (0x81, 0x02, 0, vec![]));
    assert_eq!(host.ask(0x62, 1, &[]), (0x80, 0x42, 0xFE, vec![]));
    assert_eq!(host.ask(0x6F, 0, &[0xFF, 0xB0, 0, 0, 1]), (0x80, 0x42, 0xFE, vec![]));
    sim.insert(card).unwrap();
    assert_eq!(host.bytes(2), [0x50, 0x03]);
    assert!(sim.insert(Sle4442::blank()).is_err(), "one card at a time");
    assert_eq!(host.ask(0x65, 0, &[]), (0x81, 0x01, 0, vec![]), "the card that had power is gone");
    assert_eq!(host.ask(0x6F, 0, &[0xFF, 0xB0, 0, 0, 1]), (0x80, 0x41, 0xFE, vec![]));
    host.start(false);
    assert_eq!(host.apdu(&[0xFF, 0xD0, 0, 0x20, 1, 1]), [0x69, 0x82], "access did not outlive the removal");
}

#[test]
fn a_tear_in_mid_write_pulls_the_card() {
    let (sim, mut host) = reader();
    host.start(true);
    assert!(sim.tear_after(2, Partial::Mask(0xF0)));
    let answer = host.ask(0x6F, 0, &[0xFF, 0xD0, 0, 0x20, 4, 0, 0, 0, 0]);
    assert_eq!(answer, (0x80, 0x42, 0xFE, vec![]));
    assert_eq!(host.bytes(2), [0x50, 0x02]);
    assert_eq!(sim.slot(), SlotView::Pulled);
    assert!(sim.reinsert());
    assert_eq!(host.bytes(2), [0x50, 0x03]);
    host.start(false);
    assert_eq!(host.apdu(&[0xFF, 0xB0, 0, 0x20, 4]), [0x00, 0x00, 0x0F, 0xFF, 0x90, 0x00]);
}

#[test]
fn a_card_can_be_drawn_while_it_is_written() {
    let sim = with_blank(ReaderOptions { cell_time: Duration::from_millis(5), ..ReaderOptions::default() });
    let mut host = Host::open(&sim.port_path(), true);
    host.start(true);
    let mut apdu = vec![0xFF, 0xD0, 0, 0x20, 100];
    apdu.extend([0; 100]);
    let frame = host.frame(0x6F, 0, &apdu);
    host.send(&frame);
    let start = Instant::now();
    while sim.look(|card| card.image()[0x20]) != Some(0) {
        assert!(start.elapsed() < Duration::from_secs(10), "the write begins");
        std::thread::sleep(Duration::from_millis(1));
    }
    let card = sim.remove().unwrap();
    let written = card.image()[0x20..0x84].iter().take_while(|byte| **byte == 0).count();
    assert!((1..100).contains(&written), "{written} of 100 bytes");
    assert!(card.image()[0x20 + written..].iter().all(|byte| *byte == 0xFF));
    let reply = host.bytes(13);
    assert_eq!((reply[2], reply[9]), (0x80, 0x42));
}

#[test]
fn a_damaged_frame_is_refused_and_the_last_answer_can_be_asked_for_again() {
    let (_sim, mut host) = reader();
    let mut frame = host.frame(0x65, 0, &[]);
    *frame.last_mut().unwrap() ^= 0x55;
    host.send(&frame);
    assert_eq!(host.bytes(3), NAK);
    let frame = host.frame(0x6B, 0, &[2]);
    host.send(&frame);
    let answer = host.bytes(31);
    host.port.write_all(&NAK).unwrap();
    assert_eq!(host.bytes(31), answer);
    // Half a frame that never goes on is forgotten.
    let half = &host.frame(0x65, 0, &[])[..7];
    host.port.write_all(half).unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(host.ask(0x65, 0, &[]).0, 0x81);
}

#[test]
fn a_faulty_reader_is_silent_noisy_refusing_or_slow_as_told() {
    let (sim, mut host) = reader();
    sim.set_options(|o| o.silent = true);
    let frame = host.frame(0x65, 0, &[]);
    host.port.write_all(&frame).unwrap();
    assert_eq!(rest(&mut host), b"");
    sim.set_options(|o| (o.silent, o.garbage) = (false, true));
    host.port.write_all(&frame).unwrap();
    assert_ne!(host.bytes(8)[..2], [3, 6]);
    rest(&mut host);
    sim.set_options(|o| (o.garbage, o.nak_permille) = (false, 1000));
    host.send(&frame);
    assert_eq!(host.bytes(3), NAK);
    sim.set_options(|o| (o.nak_permille, o.corrupt_permille) = (0, 1000));
    host.send(&frame);
    let damaged = host.bytes(13);
    assert_ne!(damaged.iter().fold(0, |sum, byte| sum ^ byte), 0, "one bit flipped: {damaged:02X?}");
    sim.set_options(|o| (o.corrupt_permille, o.slow_ms_per_byte) = (0, 5));
    let start = Instant::now();
    assert_eq!(host.ask(0x65, 0, &[]).0, 0x81);
    assert!(start.elapsed() >= Duration::from_millis(5 * 25), "echo and answer, 5 ms a byte");
}

#[test]
fn an_unplugged_reader_is_gone_and_comes_back_under_its_link() {
    let dir = tempfile::tempdir().unwrap();
    let link = dir.path().join("reader");
    let sim = ReaderSim::spawn(Some(&link), ReaderOptions::default()).unwrap();
    sim.insert(Sle4442::blank()).unwrap();
    assert_eq!(sim.port_path(), link);
    let mut host = Host::open(&link, true);
    host.start(true);
    sim.unplug();
    assert!(!link.is_symlink());
    assert!(matches!(host.port.read(&mut [0; 1]), Ok(0) | Err(_)), "an open port fails");
    assert!(serialport::new(link.to_str().unwrap(), 115_200).open().is_err());
    sim.unplug();
    sim.replug().unwrap();
    let mut host = Host::open(&link, true);
    assert_eq!(host.ask(0x65, 0, &[]).1, 0, "the card is still in the slot");
    host.start(false);
    assert_eq!(host.apdu(&[0xFF, 0xD0, 0, 0x20, 1, 1]), [0x69, 0x82], "and had lost its power");
    drop(sim);
    assert!(!link.is_symlink());
}

#[test]
fn a_file_that_is_no_link_is_never_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ttyUSB0");
    std::fs::write(&path, "a device").unwrap();
    assert!(ReaderSim::spawn(Some(&path), ReaderOptions::default()).is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "a device");
}

#[test]
fn what_a_host_left_unread_does_not_reach_the_next_one() {
    let (sim, mut host) = reader();
    let frame = host.frame(0x6B, 0, &[2]);
    host.port.write_all(&frame).unwrap();
    // Longer than the answer takes: it lies unread in the line.
    std::thread::sleep(Duration::from_millis(400));
    drop(host);
    std::thread::sleep(Duration::from_millis(400));
    let card = sim.remove().unwrap();
    sim.insert(card).unwrap();
    std::thread::sleep(Duration::from_millis(400));
    let mut host = Host::open(&sim.port_path(), true);
    assert_eq!(rest(&mut host), b"");
    host.start(true);
}

#[test]
fn a_command_whose_host_died_right_after_sending_it_is_still_carried_out() {
    let (sim, mut host) = reader();
    host.start(true);
    let frame = host.frame(0x6F, 0, &[0xFF, 0xD0, 0, 0x20, 1, 0x42]);
    host.port.write_all(&frame).unwrap();
    drop(host);
    let start = Instant::now();
    while sim.look(|card| card.image()[0x20]) != Some(0x42) {
        assert!(start.elapsed() < Duration::from_secs(10), "the reader had the command");
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut host = Host::open(&sim.port_path(), true);
    // Whoever opens a port in the middle of an answer gets the rest of it.
    rest(&mut host);
    host.start(false);
}
