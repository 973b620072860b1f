//! A memory card as far as a reader's commands tell one from another.

use std::cell::RefCell;
use std::rc::Rc;

use crate::Chip;

/// A card that the test and its reader hold both.
pub type Shared = Rc<RefCell<Card>>;

pub struct Card {
    pub chip: Chip,
    pub cells: Vec<u8>,
    pub counter: u8,
    pub code: Vec<u8>,
    pub inserted: bool,
    /// It came or went since a reader last looked.
    pub moved: bool,
    pub powered: bool,
    pub verified: bool,
    /// Times that a password was presented.
    pub presented: u32,
    /// Every write of a cell.
    pub writes: Vec<(usize, u8)>,
}

impl Card {
    pub fn new(chip: Chip) -> Shared {
        let cells = (0..1024_u32).map(|at| u8::try_from((at * 7 + at / 256) % 251).unwrap()).collect();
        Rc::new(RefCell::new(Self {
            chip,
            cells,
            counter: chip.full_counter(),
            code: vec![0xC5; chip.code_len().unwrap_or(0)],
            inserted: true,
            moved: true,
            powered: false,
            verified: false,
            presented: 0,
            writes: Vec::new(),
        }))
    }

    /// Pulled, and put in again at once.
    pub fn bounce(&mut self) {
        self.moved = true;
        self.power_off();
    }

    pub fn power_on(&mut self) -> bool {
        self.power_off();
        self.powered = self.inserted;
        self.powered
    }

    pub fn power_off(&mut self) {
        (self.powered, self.verified) = (false, false);
    }

    pub fn alive(&self) -> bool {
        self.inserted && self.powered
    }

    pub fn atr(&self) -> Option<[u8; 4]> {
        match self.chip {
            Chip::Sle4442 => Some([0xA2, 0x13, 0x10, 0x91]),
            Chip::Sle4428 => Some([0x92, 0x23, 0x10, 0x91]),
            Chip::At24c02 => None,
        }
    }

    /// What the cell reads as.
    pub fn cell(&self, at: usize) -> u8 {
        match (self.chip, at) {
            (Chip::Sle4428, 0x3FD) => self.counter,
            (Chip::Sle4428, 0x3FE | 0x3FF) => self.code_seen()[at - 0x3FE],
            (Chip::Sle4428, _) => self.cells[at],
            _ => self.cells[at % 256],
        }
    }

    pub fn bytes(&self, from: usize, len: usize) -> Vec<u8> {
        (from..from + len).map(|at| self.cell(at)).collect()
    }

    /// The code, as it can be read.
    pub fn code_seen(&self) -> Vec<u8> {
        if self.verified { self.code.clone() } else { vec![0; self.code.len()] }
    }

    /// The whole of a presentation.
    pub fn present(&mut self, code: &[u8]) -> bool {
        self.presented += 1;
        if self.counter == 0 {
            return false;
        }
        self.counter = self.chip.spend(self.counter);
        if code == self.code {
            self.counter = self.chip.full_counter();
            self.verified = true;
            return true;
        }
        false
    }

    pub fn write(&mut self, from: usize, bytes: &[u8]) -> bool {
        if !self.verified {
            return false;
        }
        for (at, byte) in (from..).zip(bytes) {
            match (self.chip, at) {
                (Chip::Sle4428, 0x3FE | 0x3FF) => self.code[at - 0x3FE] = *byte,
                _ => self.cells[at] = *byte,
            }
            self.writes.push((at, *byte));
        }
        true
    }

    pub fn change(&mut self, code: &[u8]) -> bool {
        if self.verified {
            self.code = code.to_vec();
            self.writes.push((usize::MAX, 0));
        }
        self.verified
    }
}
