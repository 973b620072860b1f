//! From the host's own types to the generated ones of contract major 1.

use super::meter::bindings::dianka::meter::types as wit;
use super::meter::bindings::exports::dianka::meter::{driver, simulator};
use crate::meter::{Content, Param, PlanRequest, Purchase, Returned, Setup, Value};

pub(super) fn plan_request(request: &PlanRequest) -> driver::PlanRequest {
    driver::PlanRequest {
        purchase_real_wh: request.purchase_real_wh.wh(),
        adjustment_real_wh: request.adjustment_real_wh.wh(),
        multiplier: request.multiplier.get(),
        preset_wh: request.preset_wh.wh(),
        first: request.first,
        count: request.count,
        hoard_wh: request.hoard_wh.wh(),
        alarm_wh: request.alarm_wh.map(|alarm| alarm.wh()),
    }
}

pub(super) fn content(content: &Content) -> wit::Content {
    wit::Content {
        kind: content.kind.clone(),
        system_code: content.system_code,
        region: content.region,
        user_no: content.user_no,
        card_no: content.card_no,
        key_version: content.key_version,
        purchase: content.purchase.as_ref().map(purchase),
        returned: content.returned.as_ref().map(returned),
        params: content.params.iter().map(param).collect(),
    }
}

fn param(param: &Param) -> wit::Param {
    let value = match &param.value {
        Value::Flag(flag) => wit::Value::Flag(*flag),
        Value::Int(int) => wit::Value::Int(*int),
        Value::Text(text) => wit::Value::Text(text.clone()),
        Value::Bytes(bytes) => wit::Value::Bytes(bytes.clone()),
    };
    wit::Param { name: param.name.clone(), value }
}

pub(super) fn purchase(purchase: &Purchase) -> wit::Purchase {
    wit::Purchase {
        meter_no: purchase.meter_no,
        count: purchase.count,
        quantity_wh: purchase.quantity_wh.wh(),
        alarm_wh: purchase.alarm_wh.wh(),
        overdraft_wh: purchase.overdraft_wh.wh(),
        hoard_wh: purchase.hoard_wh.wh(),
        limit_mode: purchase.limit_mode,
        capacity_w: purchase.capacity_w,
        preset_wh: purchase.preset_wh.wh(),
        date: wit::CalendarDate { year: purchase.date.year, month: purchase.date.month, day: purchase.date.day },
    }
}

pub(super) fn returned(returned: &Returned) -> wit::Returned {
    wit::Returned {
        user_no: returned.user_no,
        meter_no: returned.meter_no,
        count: returned.count,
        total_used_wh: returned.total_used_wh.wh(),
        remaining_wh: returned.remaining_wh.wh(),
        overdraft_wh: returned.overdraft_wh.wh(),
        total_purchased_wh: returned.total_purchased_wh.wh(),
        power_w: returned.power_w,
        relay_open: returned.relay_open,
        status: returned.status,
        errors: returned.errors,
    }
}

pub(super) fn setup(setup: &Setup) -> simulator::Setup {
    simulator::Setup {
        meter_no: setup.meter_no,
        constant: setup.constant,
        system_code: setup.system_code,
        region: setup.region,
    }
}
