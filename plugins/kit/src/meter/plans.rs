//! The driver plans by itself, and must come to what the house comes to with the driver's own facts.

use dianka_domain::plan::{PlanInput, RECOVER_WHOLE_PERMILLE, plan};
use dianka_domain::units::{MeterEnergy, Multiplier, RealEnergy};
use dianka_plugin_host::meter::{PlanRequest, QuantityPlan};
use serde_json::json;

use super::Subject;
use super::cards::Figures;
use crate::chance::Chance;
use crate::report::{Check, say};

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
            let same = theirs.quantity_wh == plan.quantity
                && theirs.alarm_wh == plan.alarm
                && theirs.preset_deducted_wh == plan.preset_deducted;
            let zh = format!("驱动得出 {theirs:?}，系统得出 {plan:?}");
            check.demand(same, || say(zh, format!("the driver plans {theirs:?}, the house {plan:?}")), shown);
        }
        (Ok(plan), Err(refusal)) => {
            let zh = format!("驱动拒绝（{refusal}），系统得出 {plan:?}");
            check.fail(say(zh, format!("the driver refuses ({refusal}), the house plans {plan:?}")), shown());
        }
        (Err(_), Ok(theirs)) => lawful(subject, check, &request, theirs),
        (Err(_), Err(_)) => {}
    }
    ours.is_ok()
}

/// Where the house refuses, a driver may still plan; but never lose energy, and never leave its own bounds.
fn lawful(subject: &Subject, check: &mut Check, request: &PlanRequest, theirs: &QuantityPlan) {
    let facts = &subject.description().facts;
    let shown = || json!({"request": request, "plan": theirs});
    let written =
        theirs.quantity_wh.checked_add(theirs.preset_deducted_wh).and_then(|sum| sum.to_real(request.multiplier));
    let wanted = request.purchase_real_wh.checked_add(request.adjustment_real_wh);
    let kept = written.is_ok() && written == wanted;
    check.demand(kept, || say("写卡电量与所购电量不等", "what is written is not what is bought and adjusted"), shown);
    let within = (facts.quantity_min_wh..=facts.quantity_max_wh).contains(&theirs.quantity_wh);
    check.demand(
        within && theirs.quantity_wh.wh().checked_rem(facts.quantity_step_wh.wh()) == Some(0),
        || say("写卡电量超出自述的范围或步长", "the planned quantity leaves the declared bounds or steps"),
        shown,
    );
}
