//! The driver plans by itself, and must come to what the house comes to with the driver's own facts.

use dianka_domain::plan::{Plan, PlanInput, RECOVER_WHOLE_PERMILLE, plan};
use dianka_domain::units::{MeterEnergy, Multiplier, RealEnergy};
use dianka_plugin_host::meter::{PlanRequest, QuantityPlan};
use serde_json::json;

use super::Subject;
use super::cards::Figures;
use crate::chance::Chance;
use crate::report::{Check, say};
use crate::words::{Differences, refused};

pub(super) fn agree(subject: &Subject) -> Check {
    let mut check = Check::new("plan", "plan 与系统按自述计算的结果一致", "plan agrees with the house's own planning");
    let mut chance = subject.chance("plan");
    let mut refused = 0_u64;
    for _ in 0..subject.cases {
        if check.is_full() {
            break;
        }
        check.case();
        let Some(input) = any_input(subject, &mut chance) else { continue };
        if !compare(subject, &mut check, &input) {
            refused = refused.saturating_add(1);
        }
    }
    check.note =
        Some(say(format!("其中系统自己拒绝 {refused} 个"), format!("the house itself refuses {refused} of them")));
    check
}

fn any_input(subject: &Subject, chance: &mut Chance) -> Option<PlanInput> {
    let facts = &subject.description().facts;
    let figures = Figures::new(subject.description());
    let multiplier = match chance.within(0, 3) {
        0 => u32::try_from(chance.within(2, 400)).ok()?,
        _ => 1,
    };
    let real = |meter: MeterEnergy| meter.wh().checked_mul(i64::from(multiplier));
    let purchase = real(figures.any_quantity(chance))?;
    let purchase = if chance.within(0, 19) == 0 { purchase.saturating_add(figures.step / 3) } else { purchase };
    let adjustment = match chance.within(0, 5) {
        0 => real(figures.energy(chance.within(0, 50)))?,
        1 => real(figures.energy(chance.within(0, 50)))?.checked_neg()?,
        _ => 0,
    };
    let first = chance.within(0, 2) == 0;
    let alarm = (chance.within(0, 3) == 0).then(|| figures.energy(chance.within(0, 300)));
    Some(PlanInput {
        purchase: RealEnergy::from_wh(purchase),
        adjustment_pending: RealEnergy::from_wh(adjustment),
        multiplier: Multiplier::new(multiplier).ok()?,
        preset_pending: if first { figures.energy(chance.within(0, 30)) } else { MeterEnergy::ZERO },
        first,
        count: if first { 1 } else { figures.any_count(chance).min(facts.count_max) },
        last_remaining: None,
        hoarding_limit: if chance.within(0, 3) == 0 {
            figures.quantity(chance.within(1, 5000))
        } else {
            MeterEnergy::ZERO
        },
        alarm,
        recover_share_permille: RECOVER_WHOLE_PERMILLE,
    })
}

/// Whether the house has a plan.
fn compare(subject: &Subject, check: &mut Check, input: &PlanInput) -> bool {
    let ours = plan(input, &subject.description().facts);
    let adjustment = match &ours {
        Ok(plan) => plan.adjustment_net().unwrap_or(input.adjustment_pending),
        Err(_) => input.adjustment_pending,
    };
    let request = PlanRequest {
        purchase_real_wh: input.purchase,
        adjustment_real_wh: adjustment,
        multiplier: input.multiplier,
        preset_wh: input.preset_pending,
        first: input.first,
        count: input.count,
        hoard_wh: input.hoarding_limit,
        alarm_wh: input.alarm,
    };
    let shown = || json!({"request": request});
    let Some(theirs) = subject.ask(check, "plan", shown, |driver| driver.plan(&request)) else { return ours.is_ok() };
    match (&ours, &theirs) {
        (Ok(plan), Ok(theirs)) => {
            let house = as_theirs(plan);
            let differs = Differences::between(&house, theirs);
            let what = || {
                let words = differs.words();
                say(
                    format!("驱动的结果与系统按自述计算的不同：{}", words.zh),
                    format!("the driver does not plan what the house plans: {}", words.en),
                )
            };
            let input = || json!({"request": request, "house": house, "driver": theirs, "differs": differs.json()});
            check.demand(house == *theirs, what, input);
        }
        (Ok(plan), Err(refusal)) => {
            let (why, house) = (refused(refusal), as_theirs(plan));
            let wh = house.quantity_wh.wh();
            let zh = format!("驱动拒绝：{}；系统得出 quantity_wh = {wh} Wh", why.zh);
            let en = format!("the driver refuses: {}; the house plans quantity_wh = {wh} Wh", why.en);
            check.fail(say(zh, en), json!({"request": request, "house": house, "refused": refusal}));
        }
        (Err(_), Ok(theirs)) => lawful(subject, check, &request, theirs),
        (Err(_), Err(_)) => {}
    }
    ours.is_ok()
}

/// The house's plan in the words of the contract.
fn as_theirs(plan: &Plan) -> QuantityPlan {
    QuantityPlan { quantity_wh: plan.quantity, alarm_wh: plan.alarm, preset_deducted_wh: plan.preset_deducted }
}

/// Where the house refuses, a driver may still plan; but never lose energy, and never leave its own bounds.
fn lawful(subject: &Subject, check: &mut Check, request: &PlanRequest, theirs: &QuantityPlan) {
    let facts = &subject.description().facts;
    let shown = || json!({"request": request, "plan": theirs});
    let written =
        theirs.quantity_wh.checked_add(theirs.preset_deducted_wh).and_then(|sum| sum.to_real(request.multiplier));
    let wanted = request.purchase_real_wh.checked_add(request.adjustment_real_wh);
    let kept = written.is_ok() && written == wanted;
    let wh = |energy: Option<i64>| energy.map_or_else(|| "?".to_owned(), |wh| wh.to_string());
    let (is, should) =
        (wh(written.as_ref().ok().map(|real| real.wh())), wh(wanted.as_ref().ok().map(|real| real.wh())));
    let what = || {
        say(
            format!("写卡电量（quantity_wh，按倍率折算，加上扣除的预置电量）应为 {should} Wh，实为 {is} Wh"),
            format!(
                "quantity_wh, times the multiplier and with the preset deducted, should be {should} Wh and is {is} Wh"
            ),
        )
    };
    check.demand(kept, what, shown);
    let within = (facts.quantity_min_wh..=facts.quantity_max_wh).contains(&theirs.quantity_wh);
    check.demand(
        within && theirs.quantity_wh.wh().checked_rem(facts.quantity_step_wh.wh()) == Some(0),
        || {
            let (is, min, max) = (theirs.quantity_wh.wh(), facts.quantity_min_wh.wh(), facts.quantity_max_wh.wh());
            let step = facts.quantity_step_wh.wh();
            say(
                format!("写卡电量 quantity_wh 为 {is} Wh，自述的范围是 {min} 到 {max} Wh，步长 {step} Wh"),
                format!("quantity_wh is {is} Wh; declared are {min} to {max} Wh in steps of {step} Wh"),
            )
        },
        shown,
    );
}
