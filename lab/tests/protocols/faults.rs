//! The faults that are the same for all: silence, noise, refusals, damage, slowness, half frames, a drawn card.

use crate::wire::{Wire, hex};
use dianka_lab::card::{Card, Chip};
use dianka_lab::reader::{Protocol, ReaderOptions, ReaderSim};
use std::time::{Duration, Instant};

/// A question that touches no card, its answer, and what a refusal looks like.
struct Known {
    protocol: Protocol,
    asked: &'static str,
    /// What comes before the work is done.
    receipt: &'static str,
    answered: &'static str,
    refused: &'static str,
    /// What a host sends to have the answer again.
    again: Option<&'static str>,
}

const KNOWN: [Known; 5] = [
    Known {
        protocol: Protocol::CcidSerial,
        asked: "03 06 65 00 00 00 00 00 07 00 00 00 67",
        receipt: "",
        answered: "03 06 81 00 00 00 00 00 07 00 00 00 83",
        refused: "03 15 16",
        again: Some("03 15 16"),
    },
    Known {
        protocol: Protocol::CcidAcs,
        asked: "02 65 00 00 00 00 00 07 00 00 00 62 03",
        receipt: "02 00 00 03",
        answered: "02 81 00 00 00 00 00 07 00 00 00 86 03",
        refused: "02 FF FF 03",
        again: Some("02 00 00 00 00 00 00 00 00 00 00 00 03"),
    },
    Known {
        protocol: Protocol::Acr30,
        // 01 02 01 06 04: select SLE4442. 01 90 00 00 91.
        asked: "02 30 31 30 32 30 31 30 36 30 34 03",
        receipt: "",
        answered: "02 30 31 39 30 30 30 30 30 39 31 03",
        refused: "05 05",
        again: Some("05 05"),
    },
    Known {
        protocol: Protocol::Crt571,
        asked: "F2 00 00 03 43 31 30 03 B0",
        receipt: "06",
        answered: "F2 00 00 06 50 31 30 32 30 30 03 94",
        refused: "15",
        again: Some("15"),
    },
    Known { protocol: Protocol::Towitoko, asked: "00 01", receipt: "", answered: "61 10 A2", refused: "", again: None },
];

impl Known {
    fn start(&self) -> (ReaderSim, Wire) {
        let options = ReaderOptions { echo: false, ..ReaderOptions::of(self.protocol) };
        let sim = ReaderSim::spawn(None, options).unwrap();
        sim.insert(Card::blank(Chip::Sle4442)).unwrap();
        let wire = Wire::open(&sim.port_path());
        (sim, wire)
    }

    fn all(&self) -> String {
        format!("{} {}", self.receipt, self.answered)
    }
}

/// How many bits differ.
fn flipped(a: &[u8], b: &[u8]) -> u32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum()
}

#[test]
fn a_healthy_reader_answers_also_byte_by_byte() {
    for known in KNOWN {
        let (_sim, mut wire) = known.start();
        wire.exchange(known.asked, &known.all());
        for byte in hex(known.asked) {
            wire.send(&[byte]);
            std::thread::sleep(Duration::from_millis(2));
        }
        assert_eq!(wire.bytes(hex(&known.all()).len()), hex(&known.all()), "{}", known.protocol);
        assert_eq!(wire.rest(), b"", "{}", known.protocol);
    }
}

#[test]
fn silence_and_noise() {
    for known in KNOWN {
        let (sim, mut wire) = known.start();
        sim.set_options(|o| o.silent = true);
        wire.send(&hex(known.asked));
        sim.remove();
        sim.reset();
        assert_eq!(wire.rest(), b"", "{}", known.protocol);
        sim.set_options(|o| (o.silent, o.garbage) = (false, true));
        wire.send(&hex(known.asked));
        let noise = wire.rest();
        assert_eq!(noise.len(), 8);
        assert_ne!(noise, hex(&known.all())[..hex(&known.all()).len().min(8)], "{}", known.protocol);
    }
}

#[test]
fn a_refused_frame_was_not_looked_at_and_the_next_one_is() {
    for known in KNOWN {
        let (sim, mut wire) = known.start();
        sim.set_options(|o| o.nak_permille = 1000);
        wire.send(&hex(known.asked));
        assert_eq!(wire.rest(), hex(known.refused), "{}", known.protocol);
        sim.set_options(|o| o.nak_permille = 0);
        wire.exchange(known.asked, &known.all());
    }
}

#[test]
fn a_damaged_frame_is_refused() {
    for known in KNOWN {
        let (_sim, mut wire) = known.start();
        let mut damaged = hex(known.asked);
        // Within what the sum covers: the last byte of some frames is not.
        let at = damaged.len().saturating_sub(3);
        damaged[at] ^= if known.protocol == Protocol::Towitoko { 0x03 } else { 0x01 };
        wire.send(&damaged);
        assert_eq!(wire.rest(), hex(known.refused), "{}", known.protocol);
        std::thread::sleep(Duration::from_millis(700));
        wire.rest();
        wire.exchange(known.asked, &known.all());
    }
}

#[test]
fn a_damaged_answer_differs_in_one_bit_and_can_be_had_again() {
    for known in KNOWN {
        let (sim, mut wire) = known.start();
        sim.set_options(|o| o.corrupt_permille = 1000);
        wire.send(&hex(known.asked));
        let receipt = hex(known.receipt);
        let answer = hex(known.answered);
        assert_eq!(wire.bytes(receipt.len()), receipt, "{}", known.protocol);
        assert_eq!(flipped(&wire.bytes(answer.len()), &answer), 1, "{}", known.protocol);
        if let Some(again) = known.again {
            wire.exchange(again, known.answered);
        }
        assert_eq!(wire.rest(), b"", "{}", known.protocol);
    }
}

#[test]
fn a_slow_line_takes_its_time_for_every_byte() {
    for known in KNOWN {
        let (sim, mut wire) = known.start();
        sim.set_options(|o| o.slow_ms_per_byte = 5);
        let start = Instant::now();
        wire.exchange(known.asked, &known.all());
        let bytes = u64::try_from(hex(&known.all()).len() - 1).unwrap();
        assert!(start.elapsed() >= Duration::from_millis(5 * bytes), "{}", known.protocol);
    }
}

#[test]
fn half_a_frame_and_any_noise_are_forgotten() {
    for known in KNOWN {
        let (sim, mut wire) = known.start();
        let whole = hex(known.asked);
        wire.send(&whole[..whole.len() - 1]);
        std::thread::sleep(Duration::from_millis(900));
        wire.rest();
        wire.exchange(known.asked, &known.all());
        let mut noise = 0x2545_F491_u32;
        for _ in 0..20 {
            let burst: Vec<u8> = (0..40)
                .map(|_| {
                    noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    noise.to_be_bytes()[0]
                })
                .collect();
            wire.send(&burst);
        }
        std::thread::sleep(Duration::from_millis(900));
        wire.rest();
        if known.protocol == Protocol::Towitoko {
            // Its commands are so short that noise may have switched the speed.
            sim.reset();
        }
        wire.exchange(known.asked, &known.all());
    }
}

#[test]
fn an_unplugged_reader_comes_back_healthy() {
    for known in KNOWN {
        let (sim, mut wire) = known.start();
        wire.exchange(known.asked, &known.all());
        sim.unplug();
        drop(wire);
        sim.reset();
        sim.replug().unwrap();
        Wire::open(&sim.port_path()).exchange(known.asked, &known.all());
    }
}

#[test]
fn the_protocol_can_be_changed_and_holds_from_the_next_power_up() {
    let (sim, mut wire) = KNOWN[0].start();
    for known in &KNOWN[1..] {
        sim.set_options(|o| o.protocol = known.protocol);
        sim.reset();
        if known.protocol == Protocol::Acr30 {
            // 01 FF 00 01 12 ED: it has its power.
            assert_eq!(wire.bytes(14), hex("02 30 31 46 46 30 30 30 31 31 32 45 44 03"));
        }
        wire.exchange(known.asked, &known.all());
    }
}
