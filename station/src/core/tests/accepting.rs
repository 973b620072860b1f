//! Which tickets are run at all.

use dianka_domain::card::WritePlan;
use dianka_domain::card::password::Trust;
use ed25519_dalek::SigningKey;
use uuid::Uuid;

use super::bench::{OLD_CODE, image, layout, new_image, old_image, password};
use crate::core::{About, Chip, Memory, Station, accept};
use crate::proto::{BoxKey, CardPassword, Hex, Secret, SignedTicket, Ticket, Welcome};

#[derive(Debug)]
struct Seen(Option<u32>, bool);

impl Memory for Seen {
    fn highest_epoch(&self, _op: Uuid) -> Option<u32> {
        self.0
    }

    fn is_doubted(&self, _image_sha256: &Hex) -> bool {
        self.1
    }
}

/// A reader and a card of another kind than usual.
struct Desktop {
    chip: Option<Chip>,
    counts_tries: bool,
    changes_code: bool,
    unpresented: bool,
    doubted: bool,
}

const USUAL: Desktop =
    Desktop { chip: Some(Chip::Sle4442), counts_tries: true, changes_code: false, unpresented: true, doubted: false };

/// A station that has been greeted, with a card in, and its server's keys.
struct Desk {
    server: SigningKey,
    welcome: Welcome,
    key: BoxKey,
    session: Uuid,
}

impl Desk {
    fn new() -> Self {
        let server = SigningKey::from_bytes(&[7; 32]);
        let welcome = Welcome {
            workstation_id: Uuid::from_u128(1),
            number: 1,
            org: Uuid::from_u128(2),
            server_ticket_key: Hex(server.verifying_key().to_bytes().to_vec()),
        };
        Self { server, welcome, key: BoxKey::generate(), session: Uuid::from_u128(3) }
    }

    fn ticket(&self) -> Ticket {
        let (before, target) = (old_image(), new_image());
        Ticket {
            op_id: Uuid::from_u128(4),
            epoch: 5,
            org: self.welcome.org,
            workstation_id: self.welcome.workstation_id,
            session: self.session,
            number: 9,
            before_sha256: Ticket::hash(&before),
            plan: WritePlan::build(&image(&before), &image(&target), &layout()).unwrap(),
            before: Hex(before),
            target: Hex(target),
            psc_sealed: Some(password(OLD_CODE, None).seal(&self.key.public()).unwrap()),
            trust: Trust::VerifiedOnThisCard,
            sale: serde_json::json!({"count": 3}),
            issued_at: "2026-01-01T00:00:00Z".into(),
        }
    }

    /// Code and subject of the refusal, or none when the ticket is taken.
    fn refusal(&self, signed: &SignedTicket, seen: Option<u32>) -> Option<(&'static str, About)> {
        self.refusal_at(signed, seen, &USUAL)
    }

    fn refusal_at(&self, signed: &SignedTicket, seen: Option<u32>, at: &Desktop) -> Option<(&'static str, About)> {
        let station = Station {
            welcome: Some(&self.welcome),
            key: &self.key,
            session: Some(self.session),
            memory: &Seen(seen, at.doubted),
            chip: at.chip,
            counts_tries: at.counts_tries,
            unpresented: at.unpresented,
            mismatched: false,
            changes_code: at.changes_code,
        };
        accept(signed, &station).err().map(|refusal| (refusal.code, refusal.about))
    }

    /// The code of the refusal of a changed ticket at another desktop.
    fn code_at(&self, at: &Desktop, change: impl FnOnce(&mut Ticket)) -> Option<&'static str> {
        let mut ticket = self.ticket();
        change(&mut ticket);
        self.refusal_at(&ticket.sign(&self.server).unwrap(), None, at).map(|(code, _)| code)
    }

    fn seal(&self, present: &[u8], change_to: Option<&[u8]>) -> Option<Hex> {
        let secret = |code: &[u8]| Secret::new(code.to_vec());
        let password = CardPassword { present: secret(present), change_to: change_to.map(secret) };
        Some(password.seal(&self.key.public()).unwrap())
    }

    fn changed(&self, change: impl FnOnce(&mut Ticket)) -> Option<(&'static str, About)> {
        let mut ticket = self.ticket();
        change(&mut ticket);
        self.refusal(&ticket.sign(&self.server).unwrap(), None)
    }

    fn about(&self) -> About {
        About::Genuine { op: Uuid::from_u128(4), epoch: 5, session: self.session }
    }
}

#[test]
fn a_good_ticket_is_taken() {
    let desk = Desk::new();
    assert_eq!(desk.changed(|_| {}), None);
    assert_eq!(desk.refusal(&desk.ticket().sign(&desk.server).unwrap(), Some(4)), None);
}

#[test]
fn nothing_is_believed_of_a_ticket_that_is_not_the_servers() {
    let desk = Desk::new();
    let signed = desk.ticket().sign(&desk.server).unwrap();
    let bad = Some(("ticket.bad_signature", About::Unknown));
    for at in (0..signed.body.len()).step_by(11) {
        let mut body = signed.body.clone().into_bytes();
        body[at] = if body[at] == b'1' { b'2' } else { b'1' };
        let body = String::from_utf8(body).unwrap();
        if body != signed.body {
            assert_eq!(desk.refusal(&SignedTicket { body, signature: signed.signature.clone() }, None), bad, "{at}");
        }
    }
    let other = desk.ticket().sign(&SigningKey::from_bytes(&[8; 32])).unwrap();
    assert_eq!(desk.refusal(&other, None), bad);
    let short = SignedTicket { signature: Hex(vec![0; 63]), ..signed.clone() };
    assert_eq!(desk.refusal(&short, None), bad);
    let text = SignedTicket { body: "{}".into(), ..signed };
    assert_eq!(desk.refusal(&text, None), bad);
}

#[test]
fn a_ticket_for_another_station_is_not_ours_to_answer() {
    let desk = Desk::new();
    let wrong = Some(("ticket.wrong_station", About::Unknown));
    assert_eq!(desk.changed(|ticket| ticket.workstation_id = Uuid::from_u128(99)), wrong);
    assert_eq!(desk.changed(|ticket| ticket.org = Uuid::from_u128(99)), wrong);
    let desk = Desk::new();
    let station = Station {
        welcome: None,
        key: &desk.key,
        session: Some(desk.session),
        memory: &Seen(None, false),
        chip: Some(Chip::Sle4442),
        counts_tries: true,
        unpresented: true,
        mismatched: false,
        changes_code: true,
    };
    let signed = desk.ticket().sign(&desk.server).unwrap();
    assert_eq!(accept(&signed, &station).err().map(|refusal| refusal.code), Some("ticket.no_key"));
}

#[test]
fn an_epoch_runs_once_and_a_session_dies_with_its_card() {
    let desk = Desk::new();
    let signed = desk.ticket().sign(&desk.server).unwrap();
    for seen in [5, 6] {
        let (code, about) = desk.refusal(&signed, Some(seen)).unwrap();
        assert_eq!(code, "ticket.stale_epoch");
        assert!(matches!(about, About::Repeated { epoch: 5, .. }));
    }
    let session = Uuid::from_u128(99);
    let about = About::Genuine { op: Uuid::from_u128(4), epoch: 5, session };
    assert_eq!(desk.changed(|ticket| ticket.session = session), Some(("ticket.dead_session", about)));
}

#[test]
fn after_a_wrong_password_the_session_takes_no_other() {
    let desk = Desk::new();
    let station = Station {
        welcome: Some(&desk.welcome),
        key: &desk.key,
        session: Some(desk.session),
        memory: &Seen(None, false),
        chip: Some(Chip::Sle4442),
        counts_tries: true,
        unpresented: true,
        mismatched: true,
        changes_code: true,
    };
    let signed = desk.ticket().sign(&desk.server).unwrap();
    assert_eq!(accept(&signed, &station).err().map(|refusal| refusal.code), Some("psc.closed"));
}

#[test]
fn a_plan_or_a_password_that_does_not_fit_stops_it_before_the_card() {
    let desk = Desk::new();
    let refused = |code| Some((code, desk.about()));
    assert_eq!(desk.changed(|ticket| ticket.target.0[0x50] ^= 1), refused("ticket.bad_plan"));
    assert_eq!(desk.changed(|ticket| ticket.before.0[0x50] ^= 1), Some(("ticket.bad_hash", About::Unknown)));
    assert_eq!(desk.changed(|ticket| ticket.psc_sealed = None), refused("ticket.no_password"));
    let other = BoxKey::generate().public();
    let sealed = password(OLD_CODE, None).seal(&other).unwrap();
    assert_eq!(desk.changed(|ticket| ticket.psc_sealed = Some(sealed)), refused("ticket.bad_password"));
    let change = CardPassword { change_to: Some(password(OLD_CODE, None).present), ..password(OLD_CODE, None) };
    let sealed = change.seal(&desk.key.public()).unwrap();
    assert_eq!(desk.changed(|ticket| ticket.psc_sealed = Some(sealed)), refused("reader.unsupported"));
    // Nothing to write needs no password.
    let nothing = desk.changed(|ticket| {
        ticket.target = ticket.before.clone();
        ticket.plan = serde_json::from_value(serde_json::json!([])).unwrap();
        ticket.psc_sealed = None;
    });
    assert_eq!(nothing, None);
}

#[test]
fn the_password_is_as_long_as_the_chips() {
    let desk = Desk::new();
    let sle4428 = Desktop { chip: Some(Chip::Sle4428), changes_code: true, ..USUAL };
    let sle4442 = Desktop { changes_code: true, ..USUAL };
    for (at, codes) in [(&sle4442, [3, 2]), (&sle4428, [2, 3])] {
        let [right, wrong] = codes.map(|len| vec![0x11; len]);
        assert_eq!(desk.code_at(at, |ticket| ticket.psc_sealed = desk.seal(&right, None)), None);
        assert_eq!(desk.code_at(at, |ticket| ticket.psc_sealed = desk.seal(&right, Some(&right))), None);
        let refused = Some("ticket.bad_password");
        assert_eq!(desk.code_at(at, |ticket| ticket.psc_sealed = desk.seal(&wrong, None)), refused);
        assert_eq!(desk.code_at(at, |ticket| ticket.psc_sealed = desk.seal(&right, Some(&wrong))), refused);
    }
}

#[test]
fn a_card_without_password_is_not_written() {
    let desk = Desk::new();
    let read_only = Desktop { chip: Chip::named("at24c02"), ..USUAL };
    assert_eq!(desk.code_at(&read_only, |_| ()), Some("card.unknown"));
    let nothing = desk.code_at(&read_only, |ticket| {
        ticket.target = ticket.before.clone();
        ticket.plan = serde_json::from_value(serde_json::json!([])).unwrap();
        ticket.psc_sealed = None;
    });
    assert_eq!(nothing, None, "nothing to write: it is only looked at");
}

/// A reader that cannot tell the tries: only a password that verified on this card, once in an insertion, and not after
/// one that was not seen to verify.
#[test]
fn without_the_tries_only_what_is_known_to_fit_is_presented() {
    let desk = Desk::new();
    let blind = Desktop { counts_tries: false, changes_code: true, ..USUAL };
    assert_eq!(desk.code_at(&blind, |_| ()), None);
    let unknown = Some("card.tries_unknown");
    for trust in [Trust::Derived, Trust::Transport, Trust::Unknown] {
        assert_eq!(desk.code_at(&blind, |ticket| ticket.trust = trust), unknown, "{trust:?}");
        assert_eq!(desk.code_at(&Desktop { changes_code: true, ..USUAL }, |ticket| ticket.trust = trust), None);
    }
    let changes = |ticket: &mut Ticket| ticket.psc_sealed = desk.seal(&OLD_CODE, Some(&OLD_CODE));
    assert_eq!(desk.code_at(&blind, changes), unknown);
    assert_eq!(desk.code_at(&Desktop { doubted: true, ..blind }, |_| ()), unknown);
    assert_eq!(desk.code_at(&Desktop { unpresented: false, ..blind }, |_| ()), Some("psc.once"));
    // Through one that tells them, neither counts.
    assert_eq!(desk.code_at(&Desktop { unpresented: false, doubted: true, ..USUAL }, |_| ()), None);
}
