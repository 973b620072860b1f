//! A sale is planned twice: by the house, from the driver's facts, and by the driver. They have to agree.

use dianka_domain::plan::{PlanInput, RECOVER_WHOLE_PERMILLE, plan};
use dianka_domain::units::{MeterEnergy, Multiplier, RealEnergy};
use dianka_plugin_host::CallError;
use dianka_plugin_host::meter::PlanRequest;

use crate::shipped;

#[test]
fn house_and_driver_plan_the_same_purchases() {
    let driver = shipped::open().meter("sts.ea11").unwrap();
    let facts = &driver.describe().facts;
    let (mut chance, mut sold, mut refused) = (1_u64, 0, 0);
    let mut below = |bound: u64| {
        chance = chance.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        i64::try_from((chance >> 33) % bound).unwrap()
    };
    for _ in 0..3000 {
        let multiplier = [1, 1, 1, 30, 150][usize::try_from(below(5)).unwrap()];
        let step = [1, 50, 100, 1000, 100 * i64::from(multiplier)][usize::try_from(below(5)).unwrap()];
        let purchase = below(40_000) * step;
        let adjustment = [0, 0, below(10_000) * 100, -below(10_000) * 100][usize::try_from(below(4)).unwrap()];
        let preset = [0, 0, 12_000][usize::try_from(below(3)).unwrap()];
        let hoard = [0, 0, 500_000][usize::try_from(below(3)).unwrap()];
        let alarm = [None, Some(0), Some(30_000)][usize::try_from(below(3)).unwrap()].map(MeterEnergy::from_wh);
        let input = PlanInput {
            purchase: RealEnergy::from_wh(purchase),
            adjustment_pending: RealEnergy::from_wh(adjustment),
            multiplier: Multiplier::new(multiplier).unwrap(),
            preset_pending: MeterEnergy::from_wh(preset),
            first: preset > 0,
            count: 1,
            last_remaining: None,
            hoarding_limit: MeterEnergy::from_wh(hoard),
            alarm,
            recover_share_permille: RECOVER_WHOLE_PERMILLE,
        };
        let house = plan(&input, facts);
        let net = house.as_ref().map_or(input.adjustment_pending, |plan| plan.adjustment_net().unwrap());
        let theirs = driver.plan(&PlanRequest {
            purchase_real_wh: input.purchase,
            adjustment_real_wh: net,
            multiplier: input.multiplier,
            preset_wh: input.preset_pending,
            first: input.first,
            count: input.count,
            hoard_wh: input.hoarding_limit,
            alarm_wh: input.alarm,
        });
        match (house, theirs) {
            (Ok(plan), Ok(theirs)) => {
                sold += 1;
                let house = (plan.quantity, plan.alarm, plan.preset_deducted);
                assert_eq!((theirs.quantity_wh, theirs.alarm_wh, theirs.preset_deducted_wh), house, "{input:?}");
            }
            (Err(_), Err(CallError::Refusal(_))) => refused += 1,
            (house, theirs) => panic!("{input:?}\n{house:?}\n{theirs:?}"),
        }
    }
    // Neither side of the comparison is empty.
    assert!(sold > 500 && refused > 500, "{sold} sold, {refused} refused");
}
