//! The card without any security.

use dianka_lab::at24c02::At24c02;
use dianka_lab::card::{Card, CardError, Cell, Chip, Partial};

#[test]
fn whoever_reaches_the_contacts_reads_and_writes() {
    let mut card = At24c02::blank();
    assert!(matches!(card.write(0, 1), Err(CardError::NotPowered)));
    card.power_on().unwrap();
    assert_eq!(card.write(0x10, 0xA5).unwrap(), 1);
    assert_eq!(card.write(0x10, 0x5A).unwrap(), 2, "bits rise and fall");
    assert_eq!(card.write(0x10, 0x5A).unwrap(), 0);
    assert_eq!(card.cells().wear(Cell::main(0x10)), 3);
    assert_eq!(card.read(0x0F, 3).unwrap(), [0xFF, 0x5A, 0xFF]);
    card.write(0, 7).unwrap();
    assert_eq!(card.read(0xFF, 3).unwrap(), [0xFF, 7, 0xFF], "the address counter wraps");
    assert_eq!(card.read(0, 256).unwrap(), card.image());
}

#[test]
fn it_has_no_answer_to_reset_no_code_and_no_protection() {
    let mut card = Card::blank(Chip::At24c02);
    assert_eq!(card.power_on().unwrap(), None);
    assert_eq!((card.error_counter(), card.psc(), card.cells().tries()), (None, vec![], None));
    assert!(matches!(card.present(&[0xFF; 3]), Err(CardError::Unsupported)));
    assert!(matches!(card.protect(0, 0xFF), Err(CardError::Unsupported)));
    assert!(matches!(card.security(), Err(CardError::Unsupported)));
    assert!(matches!(card.change_code(0, 1), Err(CardError::Unsupported)));
    assert!(matches!(card.read(0xFF, 2), Err(CardError::Unknown { .. })), "no reader asks past the end");
    assert!(matches!(card.write(0x100, 0), Err(CardError::Unknown { .. })));
}

#[test]
fn a_tear_leaves_a_half_written_byte() {
    let mut card = At24c02::blank();
    card.power_on().unwrap();
    card.tear_after(1, Partial::Mask(0xF0));
    card.write(1, 0).unwrap();
    assert!(matches!(card.write(2, 0), Err(CardError::Pulled)));
    assert_eq!(card.image()[1..4], [0x00, 0x0F, 0xFF]);
    assert!(card.is_pulled());
}
