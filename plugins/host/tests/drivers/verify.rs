//! Drivers that answer, and lie.

use dianka_domain::card::CardImage;
use dianka_plugin_host::{DriverState, IntegrityFault, verify_encode};

use crate::bench::{Bench, only};
use crate::guest::{MeterGuest, before, content};

/// What the checks say about what the driver encodes, and whether it is in service afterwards.
fn verdict(guest: &MeterGuest, before: &CardImage) -> (Result<(), IntegrityFault>, DriverState) {
    let (_bench, registry, driver) = Bench::with_meter(&guest.build(), "toy");
    let target = driver.encode(&content(), before).unwrap();
    let verdict = verify_encode(&driver, &content(), before, &target);
    (verdict, only(&registry).state)
}

fn toy() -> MeterGuest {
    MeterGuest::honest("toy", "1.0.0")
}

#[test]
fn an_honest_image_passes() {
    assert_eq!(verdict(&toy(), &before()), (Ok(()), DriverState::Active));
}

#[test]
fn another_quantity_on_the_card_is_found_by_the_hosts_own_reading() {
    // It decodes to the very content that was asked for, and the card says 900 kWh.
    let (verdict, state) = verdict(&toy().writing(900), &before());
    assert!(matches!(verdict, Err(IntegrityFault::Check(_))), "{verdict:?}");
    assert_eq!(state, DriverState::Quarantined);
}

#[test]
fn a_driver_that_decodes_over_a_broken_seal_is_found() {
    let (verdict, state) = verdict(&toy().ignoring_seal(), &before());
    assert_eq!(verdict, Err(IntegrityFault::SealIgnored { value: 0 }));
    assert_eq!(state, DriverState::Quarantined);
}

#[test]
fn a_change_outside_of_the_writable_ranges_is_found() {
    // The toy writes zeros over everything else; so a card that is not empty elsewhere would lose that.
    for at in [0, 0x20, 0xa0, 0xc0, 0xff] {
        let mut bytes = before().into_bytes();
        bytes[at] = 1;
        let (verdict, state) = verdict(&toy(), &CardImage::new(bytes));
        assert!(matches!(verdict, Err(IntegrityFault::Check(_))), "{at}: {verdict:?}");
        assert_eq!(state, DriverState::Quarantined);
    }
}

#[test]
fn a_driver_that_reads_back_something_else_is_found() {
    // The intent differs from the constant that the toy knows, in a field that the host cannot read by itself.
    let (_bench, registry, driver) = Bench::with_meter(&toy().build(), "toy");
    let mut intent = content();
    intent.user_no = 10;
    let target = driver.encode(&intent, &before()).unwrap();
    let verdict = verify_encode(&driver, &intent, &before(), &target);
    assert!(matches!(verdict, Err(IntegrityFault::RoundTrip { .. })), "{verdict:?}");
    assert_eq!(only(&registry).state, DriverState::Quarantined);
}

#[test]
fn a_target_that_the_driver_did_not_make_is_found() {
    let (_bench, _registry, driver) = Bench::with_meter(&toy().build(), "toy");
    let mut bytes = driver.encode(&content(), &before()).unwrap().into_bytes();
    bytes[0x50] = 1;
    let verdict = verify_encode(&driver, &content(), &before(), &CardImage::new(bytes));
    assert_eq!(verdict, Err(IntegrityFault::NotRepeatable));
}

#[test]
fn an_intent_without_a_purchase_is_the_hosts_own_mistake() {
    let (_bench, registry, driver) = Bench::with_meter(&toy().build(), "toy");
    let mut intent = content();
    intent.purchase = None;
    let verdict = verify_encode(&driver, &intent, &before(), &before());
    assert_eq!(verdict, Err(IntegrityFault::NoPurchase));
    assert_eq!(only(&registry).state, DriverState::Active);
}
