//! When a card's password may be presented.

use dianka_domain::card::password::{PresentRefusal, Trust, may_present, tries_from_counter};

const ALL: [Trust; 4] = [Trust::Derived, Trust::Transport, Trust::VerifiedOnThisCard, Trust::Unknown];

#[test]
fn three_tries_want_a_trusted_password() {
    for trust in ALL {
        let expected = if trust == Trust::Unknown { Err(PresentRefusal::NotTrusted) } else { Ok(()) };
        assert_eq!(may_present(3, trust), expected);
    }
}

#[test]
fn two_tries_want_one_that_verified_on_this_card() {
    assert_eq!(may_present(2, Trust::VerifiedOnThisCard), Ok(()));
    assert_eq!(may_present(2, Trust::Derived), Err(PresentRefusal::NotVerifiedHere));
    assert_eq!(may_present(2, Trust::Transport), Err(PresentRefusal::NotVerifiedHere));
    assert_eq!(may_present(2, Trust::Unknown), Err(PresentRefusal::NotTrusted));
}

#[test]
fn one_or_none_never() {
    for trust in ALL {
        assert_eq!(may_present(1, trust), Err(PresentRefusal::OneTryLeft));
        assert_eq!(may_present(0, trust), Err(PresentRefusal::Dead));
    }
    assert_eq!(PresentRefusal::OneTryLeft.code(), "card.tries_low");
    assert_eq!(PresentRefusal::OneTryLeft.params(), [("tries", 1)]);
    assert_eq!(PresentRefusal::Dead.code(), "card.locked");
}

#[test]
fn a_counter_that_cannot_be_is_refused() {
    for tries in 4..=u8::MAX {
        assert_eq!(may_present(tries, Trust::VerifiedOnThisCard), Err(PresentRefusal::BadCounter { tries }));
    }
}

#[test]
fn tries_are_the_bits_of_the_error_counter() {
    let tries: Vec<u8> = (0..8).map(tries_from_counter).collect();
    assert_eq!(tries, [0, 1, 1, 2, 1, 2, 2, 3]);
    assert_eq!(tries_from_counter(0xff), 3);
}
