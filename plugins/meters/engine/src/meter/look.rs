//! What one sees when standing in front of the meter.

use dianka_sdk::meter::simulator::{Line, Snapshot};

use super::show::{self, Shown};
use super::{Message, Meter, WS_PER_WH};
use crate::displays;
use crate::profile::Standard;

/// Everything that the meter knows, and every item of its display.
#[must_use]
pub fn snapshot(standard: &Standard, meter: &Meter) -> Snapshot {
    Snapshot {
        meter_no: meter.meter_no,
        user_no: meter.user_no,
        count: meter.count,
        balance_wh: meter.balance_wh(),
        total_used_wh: meter.used_ws.div_euclid(WS_PER_WH),
        total_purchased_wh: meter.purchased_wh,
        preset_wh: meter.preset_wh,
        power_w: meter.power_w(),
        relay_closed: meter.relay_closed(),
        alarm: meter.alarm_cut,
        powered: meter.powered,
        status: meter.status(),
        lines: if meter.powered { lines(standard, meter) } else { Vec::new() },
    }
}

fn lines(standard: &Standard, meter: &Meter) -> Vec<Line> {
    let ids = displays::ids();
    let line = |(id, shown): (&str, Shown)| Line { id: id.into(), lcd: shown.lcd, led: shown.led };
    ids.zip(items(standard, meter)).map(line).collect()
}

/// In the order of the display table.
fn items(standard: &Standard, meter: &Meter) -> [Shown; displays::SHOWN] {
    let limits = &meter.limits;
    let status = show::status(meter.status());
    let both = |text: String| Shown { lcd: text.clone(), led: text };
    [
        show::constant(meter.constant),
        show::number("CH", meter.meter_no),
        show::number("HH", meter.user_no),
        show::total_used(meter.used_ws),
        show::remaining(meter.balance_ws),
        show::total_purchased(meter.purchased_wh),
        show::date(limits.date),
        show::count(meter.count),
        show::kwh("P0", limits.quantity_wh),
        show::kwh("P1", limits.alarm_wh),
        show::kwh("P2", limits.overdraft_wh),
        show::kwh("P3", limits.hoard_wh),
        both(status),
        show::control(limits.limit_mode, limits.capacity_w),
        show::run_time(meter.run_seconds),
        show::power(meter.power_w()),
        show::pulses(meter.balance_ws, meter.constant),
        both(format!("{:02X}{:02X}  0100", standard.profile_id, standard.profile.version)),
        match meter.message {
            Message::None => Shown::default(),
            Message::CardError => Shown { lcd: show::CARD_ERROR_LCD.into(), led: show::CARD_ERROR_LED.into() },
        },
        // This meter takes no reading cards, so none was ever read into.
        Shown { lcd: "CH=0000".into(), led: "CPH=  0000".into() },
    ]
}
