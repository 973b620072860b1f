//! Units: exact amounts, rounding as an argument, nothing wraps.

use dianka_domain::units::{MeterEnergy, Money, Multiplier, NotDivisible, Overflow, Price, RealEnergy, Rounding};
use proptest::prelude::*;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error;

use crate::common::{meter, real, times};

#[test]
fn amounts_round_as_told() {
    // 1 kWh at 0.5683 yuan = 56.83 fen.
    let price = Price::from_micro(568_300);
    let of = |wh, rounding| price.amount(RealEnergy::from_wh(wh), rounding).unwrap().fen();
    assert_eq!([of(1000, Rounding::Down), of(1000, Rounding::HalfUp), of(1000, Rounding::Up)], [56, 57, 57]);
    assert_eq!([of(-1000, Rounding::Down), of(-1000, Rounding::HalfUp), of(-1000, Rounding::Up)], [-56, -57, -57]);
    // Exactly half a fen.
    let half = Price::from_micro(5_000);
    assert_eq!(half.amount(real(1), Rounding::HalfUp), Ok(Money::from_fen(1)));
    assert_eq!(half.amount(RealEnergy::from_wh(999), Rounding::HalfUp), Ok(Money::from_fen(0)));
    assert_eq!(price.amount(real(300), Rounding::HalfUp), Ok(Money::from_fen(17_049)));
}

#[test]
fn money_buys_whole_wh() {
    // 100 yuan at 0.56 = 178.571 kWh.
    let price = Price::from_micro(560_000);
    assert_eq!(price.energy_for(Money::from_fen(10_000)), Ok(RealEnergy::from_wh(178_571)));
    assert_eq!(Price::from_micro(0).energy_for(Money::from_fen(1)), Err(Overflow));
    assert_eq!(Price::from_micro(-1).energy_for(Money::from_fen(1)), Err(Overflow));
}

#[test]
fn multipliers_turn_one_energy_into_the_other() {
    assert_eq!(meter(100).to_real(times(300)), Ok(real(30_000)));
    assert_eq!(real(30_000).to_meter_exact(times(300)), Ok(meter(100)));
    assert_eq!(real(1000).to_meter_exact(times(300)), Err(NotDivisible { wh: 1_000_000, multiplier: 300 }));
    assert_eq!(MeterEnergy::from_wh(i64::MAX).to_real(times(2)), Err(Overflow));
}

#[test]
fn sums_do_not_wrap() {
    let most = Money::from_fen(i64::MAX);
    assert_eq!(most.checked_add(Money::from_fen(1)), Err(Overflow));
    assert_eq!(Money::from_fen(i64::MIN).checked_sub(Money::from_fen(1)), Err(Overflow));
    assert_eq!(Money::from_fen(i64::MIN).checked_neg(), Err(Overflow));
    assert_eq!(most.checked_mul(2), Err(Overflow));
    assert_eq!(RealEnergy::checked_sum([real(1), real(2), real(-3)]), Ok(real(0)));
    assert_eq!(Price::from_micro(i64::MAX).amount(RealEnergy::from_wh(i64::MAX), Rounding::Up), Err(Overflow));
}

#[test]
fn units_are_plain_integers_outside() {
    let money = Money::deserialize(IntoDeserializer::<Error>::into_deserializer(9968_i64));
    assert_eq!(money, Ok(Money::from_fen(9968)));
    let m = |value: u32| Multiplier::deserialize(IntoDeserializer::<Error>::into_deserializer(value));
    assert_eq!(m(300), Ok(times(300)));
    assert!(m(0).is_err());
}

proptest! {
    #[test]
    fn half_up_is_within_half_a_fen(wh in -1_000_000_000..1_000_000_000_i64, micro in 0..10_000_000_i64) {
        let amount = Price::from_micro(micro).amount(RealEnergy::from_wh(wh), Rounding::HalfUp).unwrap();
        let error = i128::from(amount.fen()) * 10_000_000 - i128::from(wh) * i128::from(micro);
        prop_assert!(error.abs() <= 5_000_000);
        let mirrored = Price::from_micro(micro).amount(RealEnergy::from_wh(-wh), Rounding::HalfUp).unwrap();
        prop_assert_eq!(mirrored.checked_neg(), Ok(amount));
    }

    #[test]
    fn the_most_energy_within_money_is_the_most(fen in 0..100_000_000_i64, micro in 1..10_000_000_i64) {
        let (money, price) = (Money::from_fen(fen), Price::from_micro(micro));
        let most = price.most_energy_billed_within(money).unwrap();
        prop_assert!(price.amount(most, Rounding::HalfUp).unwrap() <= money);
        let more = most.checked_add(RealEnergy::from_wh(1)).unwrap();
        prop_assert!(price.amount(more, Rounding::HalfUp).unwrap() > money);
        prop_assert!(price.energy_for(money).unwrap() <= most);
    }
}
