//! The journal against torn lines, damage, full disks and a second process.

use std::fs::{self, OpenOptions};
use std::path::PathBuf;

use super::*;
use crate::proto::{Hex, Ticket};

fn ticket() -> SignedTicket {
    SignedTicket { body: "{\"a\": \"a line\\nin a text\"}".into(), signature: Hex(vec![7; 64]) }
}

fn received(op: u128, epoch: u32) -> Entry {
    Entry::Received { op: Uuid::from_u128(op), epoch, session: Uuid::from_u128(99), ticket: ticket() }
}

fn stage(op: u128, epoch: u32, stage: JournalStage) -> Entry {
    Entry::Stage { op: Uuid::from_u128(op), epoch, stage }
}

fn result(op: u128, epoch: u32) -> TicketResult {
    TicketResult {
        op: Uuid::from_u128(op),
        epoch,
        session: Uuid::from_u128(99),
        outcome: TicketOutcome::Written { image1: Hex(vec![1; 4]), image2: Hex(vec![1; 4]), tries: Some(3) },
        psc_changed: None,
    }
}

fn begun() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("journal.log");
    (dir, file)
}

#[test]
fn what_was_appended_is_there_after_a_restart() {
    let (dir, _) = begun();
    let mut journal = Journal::open(dir.path()).unwrap();
    journal.append(&received(1, 1)).unwrap();
    journal.append(&stage(1, 1, JournalStage::Writing)).unwrap();
    journal.append(&Entry::Result(result(1, 1))).unwrap();
    journal.append(&received(1, 2)).unwrap();
    journal.append(&Entry::Result(result(1, 2))).unwrap();
    journal.acknowledge(Uuid::from_u128(1), 1).unwrap();
    assert_eq!(journal.seq(), 6);
    drop(journal);

    let mut journal = Journal::open(dir.path()).unwrap();
    assert_eq!(journal.seq(), 6);
    assert_eq!(journal.highest_epoch(Uuid::from_u128(1)), Some(2));
    assert_eq!(journal.highest_epoch(Uuid::from_u128(2)), None);
    assert_eq!(journal.unacknowledged(), vec![result(1, 2)]);
    assert_eq!(journal.result_of(Uuid::from_u128(1), 1).unwrap(), Some(result(1, 1)));
    assert_eq!(journal.result_of(Uuid::from_u128(1), 9).unwrap(), None);
    // A second acknowledgement, and one of something unknown, write nothing.
    journal.acknowledge(Uuid::from_u128(1), 1).unwrap();
    journal.acknowledge(Uuid::from_u128(5), 1).unwrap();
    assert_eq!(journal.seq(), 6);
}

#[test]
fn an_older_epoch_does_not_lower_the_highest() {
    let (dir, _) = begun();
    let mut journal = Journal::open(dir.path()).unwrap();
    journal.append(&received(1, 5)).unwrap();
    journal.append(&Entry::Result(result(1, 5))).unwrap();
    journal.append(&Entry::Result(result(1, 3))).unwrap();
    assert_eq!(journal.highest_epoch(Uuid::from_u128(1)), Some(5));
}

#[test]
fn a_ticket_without_a_result_is_interrupted_once() {
    for (last, psc) in
        [(JournalStage::Received, None), (JournalStage::Writing, None), (JournalStage::ChangingCode, Some(false))]
    {
        let (dir, _) = begun();
        let mut journal = Journal::open(dir.path()).unwrap();
        journal.append(&received(1, 3)).unwrap();
        if last != JournalStage::Received {
            journal.append(&stage(1, 3, last)).unwrap();
        }
        drop(journal);
        for _ in 0..2 {
            let journal = Journal::open(dir.path()).unwrap();
            let open = journal.unacknowledged();
            assert_eq!(open.len(), 1);
            assert_eq!(open[0].outcome, TicketOutcome::Interrupted { last_stage: last });
            assert_eq!(open[0].psc_changed, psc);
        }
    }
}

#[test]
fn a_torn_last_line_is_cut_off_wherever_it_tore() {
    let (dir, file) = begun();
    let mut journal = Journal::open(dir.path()).unwrap();
    journal.append(&received(1, 1)).unwrap();
    journal.append(&Entry::Result(result(1, 1))).unwrap();
    let whole = fs::read(&file).unwrap().len();
    journal.append(&Entry::Acknowledged { op: Uuid::from_u128(1), epoch: 1 }).unwrap();
    drop(journal);
    let text = fs::read(&file).unwrap();
    for cut in whole..text.len() {
        fs::write(&file, &text[..cut]).unwrap();
        let mut journal = Journal::open(dir.path()).unwrap();
        assert_eq!(journal.unacknowledged().len(), 1, "cut at {cut}");
        assert_eq!(fs::read(&file).unwrap().len(), whole);
        journal.acknowledge(Uuid::from_u128(1), 1).unwrap();
        drop(journal);
        assert!(Journal::open(dir.path()).unwrap().unacknowledged().is_empty());
    }
}

#[test]
fn damage_before_the_last_line_stops_the_station() {
    let (dir, file) = begun();
    let mut journal = Journal::open(dir.path()).unwrap();
    for epoch in 1..4 {
        journal.append(&received(1, epoch)).unwrap();
        journal.append(&Entry::Result(result(1, epoch))).unwrap();
    }
    drop(journal);
    let text = fs::read(&file).unwrap();
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let last = text.len() - lines[5].len();
    for at in (0..last).step_by(7) {
        let mut damaged = text.clone();
        damaged[at] ^= 0x04;
        fs::write(&file, &damaged).unwrap();
        assert!(matches!(Journal::open(dir.path()), Err(JournalError::Damaged { .. })), "byte {at}");
    }
    // A whole line taken out, and two exchanged.
    fs::write(&file, [lines[0], lines[2], lines[3], lines[4], lines[5]].concat()).unwrap();
    assert!(matches!(Journal::open(dir.path()), Err(JournalError::Damaged { line: 2 })));
    fs::write(&file, [lines[0], lines[1], lines[3], lines[2], lines[4], lines[5]].concat()).unwrap();
    assert!(matches!(Journal::open(dir.path()), Err(JournalError::Damaged { line: 3 })));
}

#[test]
fn a_second_process_is_kept_out() {
    let (dir, _) = begun();
    let journal = Journal::open(dir.path()).unwrap();
    assert!(matches!(Journal::open(dir.path()), Err(JournalError::Locked)));
    drop(journal);
    assert!(Journal::open(dir.path()).is_ok());
}

/// `/dev/full` takes the open and refuses the write, as a full disk does.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_closes_the_journal_for_good() {
    let (dir, _) = begun();
    let mut journal = Journal::open(dir.path()).unwrap();
    let (other, _) = begun();
    let full = FileDisk::over(other.path(), OpenOptions::new().write(true).open("/dev/full").unwrap());
    let good = std::mem::replace(&mut journal.disk, Box::new(full));
    assert!(matches!(journal.append(&received(1, 1)), Err(JournalError::Io(_))));
    journal.disk = good;
    assert!(matches!(journal.append(&received(1, 1)), Err(JournalError::Closed)));
    assert_eq!(journal.seq(), 0);
    assert_eq!(journal.highest_epoch(Uuid::from_u128(1)), None);
}

/// A ticket for a card with this image.
fn for_image(op: u128, epoch: u32, image: u8) -> Entry {
    let before = vec![image; 256];
    let ticket = Ticket {
        op_id: Uuid::from_u128(op),
        epoch,
        org: Uuid::from_u128(1),
        workstation_id: Uuid::from_u128(2),
        session: Uuid::from_u128(99),
        number: 1,
        before_sha256: Ticket::hash(&before),
        before: Hex(before.clone()),
        target: Hex(before),
        plan: serde_json::from_value(serde_json::json!([])).unwrap(),
        psc_sealed: None,
        trust: dianka_domain::card::password::Trust::VerifiedOnThisCard,
        sale: serde_json::Value::Null,
        issued_at: String::new(),
    };
    let ticket = SignedTicket { body: serde_json::to_string(&ticket).unwrap(), signature: Hex(vec![7; 64]) };
    Entry::Received { op: Uuid::from_u128(op), epoch, session: Uuid::from_u128(99), ticket }
}

fn refused(op: u128, epoch: u32) -> Entry {
    let outcome = TicketOutcome::Refused { code: "psc.wrong".into(), image: None, tries: None, detail: String::new() };
    Entry::Result(TicketResult { outcome, ..result(op, epoch) })
}

/// A password that was presented and not seen to verify is remembered with the card's image, over restarts, until one
/// verifies.
#[test]
fn a_password_that_did_not_verify_is_remembered() {
    let (dir, _) = begun();
    let doubted = |journal: &Journal, image: u8| journal.is_doubted(&Ticket::hash(&vec![image; 256]));
    let mut journal = Journal::open(dir.path()).unwrap();
    // Refused before anything was presented.
    journal.append(&for_image(1, 1, 0xA1)).unwrap();
    journal.append(&refused(1, 1)).unwrap();
    assert!(!doubted(&journal, 0xA1));
    // Presented, and refused.
    journal.append(&for_image(1, 2, 0xA1)).unwrap();
    journal.append(&stage(1, 2, JournalStage::Writing)).unwrap();
    assert!(!doubted(&journal, 0xA1));
    journal.append(&refused(1, 2)).unwrap();
    assert!(doubted(&journal, 0xA1) && !doubted(&journal, 0xB2));
    // Presented, and then the power went.
    journal.append(&for_image(2, 1, 0xB2)).unwrap();
    journal.append(&stage(2, 1, JournalStage::Writing)).unwrap();
    drop(journal);
    let mut journal = Journal::open(dir.path()).unwrap();
    assert!(doubted(&journal, 0xA1) && doubted(&journal, 0xB2));
    // A ticket that presented nothing says nothing; one that wrote says that the password fits.
    journal.append(&for_image(3, 1, 0xA1)).unwrap();
    journal.append(&Entry::Result(result(3, 1))).unwrap();
    assert!(doubted(&journal, 0xA1));
    journal.append(&for_image(3, 2, 0xA1)).unwrap();
    journal.append(&stage(3, 2, JournalStage::Writing)).unwrap();
    journal.append(&Entry::Result(result(3, 2))).unwrap();
    drop(journal);
    let journal = Journal::open(dir.path()).unwrap();
    assert!(!doubted(&journal, 0xA1) && doubted(&journal, 0xB2));
}

/// Everything that the journal is asked for.
fn answers(journal: &Journal, ops: u128) -> Vec<String> {
    let of = |op: u128| {
        let op = Uuid::from_u128(op);
        let results: Vec<_> = (1..5).map(|epoch| journal.result_of(op, epoch).unwrap()).collect();
        format!("{:?} {results:?}", journal.highest_epoch(op))
    };
    let doubts = (0..=255).filter(|image| journal.is_doubted(&Ticket::hash(&[*image; 256]))).collect::<Vec<u8>>();
    (1..=ops).map(of).chain([format!("{:?} {doubts:?}", journal.unacknowledged())]).collect()
}

/// A journal with operations in every standing: 1 to `closed` done, then one unacknowledged, then one open.
fn grown(dir: &Path, closed: u128) -> Journal {
    let mut journal = Journal::open(dir).unwrap();
    for op in 1..=closed {
        let image = u8::try_from(op).unwrap();
        journal.append(&for_image(op, 1, image)).unwrap();
        journal.append(&stage(op, 1, JournalStage::Writing)).unwrap();
        let refused = op % 3 == 0;
        let ended = if refused { self::refused(op, 1) } else { Entry::Result(result(op, 1)) };
        journal.append(&ended).unwrap();
        journal.acknowledge(Uuid::from_u128(op), 1).unwrap();
    }
    journal.append(&received(closed + 1, 2)).unwrap();
    journal.append(&Entry::Result(result(closed + 1, 2))).unwrap();
    journal.append(&received(closed + 2, 3)).unwrap();
    journal
}

#[test]
fn a_shortened_journal_answers_as_before_and_goes_on() {
    let (dir, file) = begun();
    let mut journal = grown(dir.path(), 9);
    let (before, seq, long) = (answers(&journal, 11), journal.seq(), fs::read(&file).unwrap().len());
    journal.shorten(4).unwrap();
    assert!(fs::read(&file).unwrap().len() < long && journal.seq() > seq);
    let after = answers(&journal, 11);
    assert_eq!(after[5..], before[5..], "the newest four, the unacknowledged and the open one, and every doubt");
    assert!(after[..5].iter().all(|gone| gone.starts_with("None")), "{after:?}");
    // Once more, with an entry between; then a restart.
    journal.append(&Entry::Result(result(11, 3))).unwrap();
    journal.acknowledge(Uuid::from_u128(10), 2).unwrap();
    journal.shorten(2).unwrap();
    assert_eq!(journal.standing().bytes, u64::try_from(fs::read(&file).unwrap().len()).unwrap());
    let (last, seq) = (answers(&journal, 11), journal.seq());
    drop(journal);
    let journal = Journal::open(dir.path()).unwrap();
    assert_eq!((answers(&journal, 11), journal.seq()), (last, seq));
    assert_eq!(look(dir.path()).unwrap(), journal.standing());
}

#[test]
fn a_journal_cut_at_any_byte_opens_with_its_whole_lines() {
    for shortened in [false, true] {
        let (dir, file) = begun();
        let mut journal = grown(dir.path(), 4);
        if shortened {
            journal.shorten(2).unwrap();
            journal.append(&received(20, 1)).unwrap();
        }
        drop(journal);
        let text = fs::read(&file).unwrap();
        let first = text.iter().position(|byte| *byte == b'\n').unwrap();
        for cut in 0..=text.len() {
            fs::write(&file, &text[..cut]).unwrap();
            let lines = text[..cut].iter().filter(|byte| **byte == b'\n').count();
            let standing = look(dir.path()).unwrap();
            let expected = match lines {
                0 => 0,
                lines if shortened => seq_of(&text[..first]) + u64::try_from(lines - 1).unwrap(),
                lines => u64::try_from(lines).unwrap(),
            };
            assert_eq!(standing.seq, expected, "cut at {cut}");
            if cut % 7 == 0 {
                let mut journal = Journal::open(dir.path()).unwrap();
                assert!(journal.seq() >= expected);
                journal.append(&received(30, 1)).unwrap();
            }
        }
    }
}

fn seq_of(line: &[u8]) -> u64 {
    std::str::from_utf8(line).unwrap().split(' ').nth(1).unwrap().parse().unwrap()
}

/// Whatever part of a draft a crash left, the journal is the old one.
#[test]
fn a_crash_while_shortening_leaves_one_whole_journal() {
    let (dir, file) = begun();
    let journal = grown(dir.path(), 5);
    let (before, old) = (answers(&journal, 7), fs::read(&file).unwrap());
    drop(journal);
    let mut journal = Journal::open(dir.path()).unwrap();
    journal.shorten(1).unwrap();
    drop(journal);
    let draft = fs::read(&file).unwrap();
    for cut in (0..=draft.len()).step_by(11) {
        fs::write(&file, &old).unwrap();
        fs::write(file.with_extension("new"), &draft[..cut]).unwrap();
        let journal = Journal::open(dir.path()).unwrap();
        // Opening settles the ticket that was open; everything else is as it was.
        assert_eq!(answers(&journal, 7)[..6], before[..6], "draft of {cut} bytes");
        assert!(!file.with_extension("new").exists());
    }
}

/// `/dev/full` takes the open and refuses the write, as a full disk does.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_while_shortening_changes_nothing() {
    let (dir, file) = begun();
    let mut journal = grown(dir.path(), 5);
    let (before, old) = (answers(&journal, 7), fs::read(&file).unwrap());
    std::os::unix::fs::symlink("/dev/full", file.with_extension("new")).unwrap();
    assert!(matches!(journal.shorten(1), Err(JournalError::Io(_))));
    assert_eq!((answers(&journal, 7), fs::read(&file).unwrap()), (before, old));
    journal.append(&received(40, 1)).unwrap();
    journal.shorten(1).unwrap();
}

#[test]
fn a_journal_that_has_not_grown_is_left_alone() {
    let (dir, file) = begun();
    let mut journal = grown(dir.path(), 5);
    let old = fs::read(&file).unwrap();
    journal.compact_if_grown().unwrap();
    assert_eq!(fs::read(&file).unwrap(), old);
}

#[test]
fn a_promise_to_refuse_outlives_a_restart() {
    let (dir, _) = begun();
    let op = Uuid::from_u128(1);
    let mut journal = Journal::open(dir.path()).unwrap();
    journal.fence(op, 3).unwrap();
    journal.fence(op, 2).unwrap();
    journal.fence(op, 3).unwrap();
    assert_eq!((journal.seq(), journal.highest_epoch(op)), (1, Some(3)), "the same or less writes nothing");
    drop(journal);
    let mut journal = Journal::open(dir.path()).unwrap();
    assert_eq!(journal.highest_epoch(op), Some(3));
    assert_eq!(journal.unacknowledged(), vec![], "a promise is no ticket: there is nothing to end");
    // A shortened journal keeps it, as it keeps the newest operations.
    let dir_of_short = tempfile::tempdir().unwrap();
    let mut short = grown(dir_of_short.path(), 5);
    short.fence(Uuid::from_u128(70), 3).unwrap();
    short.shorten(1).unwrap();
    drop(short);
    assert_eq!(Journal::open(dir_of_short.path()).unwrap().highest_epoch(Uuid::from_u128(70)), Some(3));
    // What was run counts as well.
    journal.append(&received(1, 5)).unwrap();
    journal.fence(op, 4).unwrap();
    assert_eq!((journal.seq(), journal.highest_epoch(op)), (2, Some(5)));
}
