//! Cards in files: of every chip, and those that were written before files had a chip.

use dianka_lab::card::{Card, Cells, Chip};
use dianka_lab::sle4442::Sle4442;
use dianka_lab::world::{CardFile, World, WorldError};

#[test]
fn a_card_of_every_chip_keeps_chip_content_and_wear_in_its_file() {
    let dir = tempfile::tempdir().unwrap();
    for chip in Chip::ALL {
        let path = dir.path().join(chip.id());
        let mut card = CardFile::create(&path, chip).unwrap().into_card().unwrap();
        assert_eq!(card.image(), Card::blank(chip).image());
        card.power_on().unwrap();
        if chip != Chip::At24c02 {
            card.present(&card.psc()).unwrap();
        }
        let last = u16::try_from(chip.data_size() - 1).unwrap();
        card.write(last, 0x42).unwrap();
        let now = card.cells().clone();
        assert_eq!(CardFile::peek(&path).unwrap(), now, "{chip}: written through");
        assert!(now.total() >= 1);
        drop(card);
        let again = CardFile::open(&path).unwrap().into_card().unwrap();
        assert_eq!((again.chip(), again.cells()), (chip, &now));
        assert!(std::fs::read(&path).unwrap()[8..].starts_with(chip.id().as_bytes()), "the file says its chip");
    }
}

/// As the first release wrote it: no chip, cells from byte 8.
fn layout_1(card: &Cells) -> Vec<u8> {
    let mut old = b"DKCARD\x00\x01".to_vec();
    old.extend(card.bytes());
    old.extend(77_u64.to_le_bytes());
    old.extend((0..264_u32).flat_map(u32::to_le_bytes));
    old
}

#[test]
fn a_file_of_layout_1_is_read_and_written_on_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old");
    let image: Vec<u8> = (0..=255).collect();
    let old = layout_1(Sle4442::with(&image, [1, 2, 3], 6).cells());
    std::fs::write(&path, &old).unwrap();
    let mut card = CardFile::open(&path).unwrap().into_card().unwrap();
    assert_eq!((card.chip(), card.image(), card.psc()), (Chip::Sle4442, image, vec![1, 2, 3]));
    assert_eq!((card.error_counter(), card.cells().total()), (Some(6), 77));
    assert_eq!(card.cells().wear_of_all()[200], 200);
    card.power_on().unwrap();
    assert_eq!(card.present(&[1, 2, 3]).unwrap().0, 7);
    card.write(0x20, 0xEE).unwrap();
    let now = std::fs::read(&path).unwrap();
    assert_eq!(now.len(), old.len());
    assert_eq!((now[8 + 0x20], now[8 + 260]), (0xEE, 7));
    drop(card);
    assert_eq!(CardFile::peek(&path).unwrap().image()[0x20], 0xEE);
}

#[test]
fn a_file_of_an_unknown_chip_layout_or_size_is_no_card() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("card");
    drop(CardFile::create(&path, Chip::Sle4428).unwrap());
    let good = std::fs::read(&path).unwrap();
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    for bad in [with(0, b'X'), with(7, 3), with(8, b'x'), with(14, b'2'), good[1..].to_vec(), good[..9].to_vec()] {
        std::fs::write(&path, bad).unwrap();
        assert!(matches!(CardFile::peek(&path), Err(WorldError::Corrupt { .. })));
    }
}

#[test]
fn the_bench_has_cards_of_every_chip() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::open(dir.path()).unwrap();
    for chip in Chip::ALL {
        let id = world.new_card_of("A", chip).unwrap();
        let mut image = Card::blank(chip).image();
        image[0x20..0x24].copy_from_slice(&[1, 2, 3, 4]);
        world.fill_card(id, &image).unwrap();
        let cells = world.card(id).unwrap().cells;
        assert_eq!((cells.chip(), cells.image()), (chip, image));
        let code = vec![0xFF; chip.code().len()];
        assert_eq!(cells.psc(), code, "{chip}: the code stays what it was");
        assert!(matches!(world.fill_card(id, &[0; 100]), Err(WorldError::NotWritten(_))));
    }
    assert_eq!(world.card(world.new_card("B").unwrap()).unwrap().cells.chip(), Chip::Sle4442);
}
