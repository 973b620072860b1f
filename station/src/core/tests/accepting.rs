//! Which tickets are run at all.

use dianka_domain::card::WritePlan;
use dianka_domain::card::password::Trust;
use ed25519_dalek::SigningKey;
use uuid::Uuid;

use super::bench::{OLD_CODE, image, layout, new_image, old_image, password};
use crate::core::{About, HighestEpoch, Station, accept};
use crate::proto::{BoxKey, CardPassword, Hex, SignedTicket, Ticket, Welcome};

#[derive(Debug)]
struct Seen(Option<u32>);

impl HighestEpoch for Seen {
    fn of(&self, _op: Uuid) -> Option<u32> {
        self.0
    }
}

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
        let station = Station {
            welcome: Some(&self.welcome),
            key: &self.key,
            session: Some(self.session),
            highest_epoch: &Seen(seen),
            mismatched: false,
            changes_code: false,
        };
        accept(signed, &station).err().map(|refusal| (refusal.code, refusal.about))
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
        highest_epoch: &Seen(None),
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
        highest_epoch: &Seen(None),
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
