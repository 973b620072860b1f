//! Answers that do not arrive as they were sent.

use dianka_sdk::reader::driver::Error;

use super::{Bench, Run, powered, right, sent, wrong};
use crate::Chip;
use crate::testing::{Card, Damage, Shared, Trouble};

/// Every answer of every operation lost, cut or turned: what changes the card happens at most once, and success is
/// only told when it is one.
pub(super) fn answers_lost_and_damaged<B: Bench>(chip: Chip) {
    let runs: [Run<B>; 5] = [
        |s, _| s.read(0x10, 40).map(|_| ()),
        |s, chip| s.present(&right(chip)),
        |s, chip| s.present(&wrong(chip)),
        |s, _| s.write(0x50, &[0x5A; 40]),
        |s, chip| s.change_code(&wrong(chip)),
    ];
    for (number, run) in runs.into_iter().enumerate() {
        for persistent in [false, true] {
            for damage in [Damage::Lost, Damage::Cut(1), Damage::Cut(3), Damage::Flip(1), Damage::Flip(usize::MAX - 4)]
            {
                let mut at = 0;
                loop {
                    let (done, frames, card) = damaged::<B>(chip, number, run, at, persistent, damage);
                    let context = format!("operation {number} of {chip:?}, frame {at}, {damage:?}, {persistent}");
                    assert!(card.borrow().presented <= 1, "{context}: presented more than once");
                    let mut cells = card.borrow().writes.iter().map(|(at, _)| *at).collect::<Vec<_>>();
                    let all = cells.len();
                    cells.sort_unstable();
                    cells.dedup();
                    assert_eq!(cells.len(), all, "{context}: a cell written twice");
                    if done.is_ok() {
                        let card = card.borrow();
                        let fine = match number {
                            1 => card.verified,
                            2 => false,
                            3 => card.cells[0x50..0x78] == [0x5A; 40],
                            4 => card.code == wrong(chip),
                            _ => true,
                        };
                        assert!(fine, "{context}: told as done");
                    }
                    at += 1;
                    if at >= frames {
                        break;
                    }
                }
            }
        }
    }
}

fn damaged<B: Bench>(
    chip: Chip,
    number: usize,
    run: Run<B>,
    at: usize,
    persistent: bool,
    damage: Damage,
) -> (Result<(), Error>, usize, Shared) {
    let card = Card::new(chip);
    let mut session = powered::<B>(&card);
    if number > 2 {
        session.present(&right(chip)).unwrap();
        card.borrow_mut().presented = 0;
    }
    let start = sent::<B>(&mut session);
    let end = if persistent { usize::MAX } else { start + at + 1 };
    B::line(&mut session).trouble = Some(Trouble { frames: start + at..end, damage });
    let done = run(&mut session, chip);
    let frames = sent::<B>(&mut session) - start;
    assert!(frames < 100, "{frames} frames for one operation");
    (done, frames, card)
}
