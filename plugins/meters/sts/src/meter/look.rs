//! What one sees when standing in front of the meter.

use super::{Message, Meter, WS_PER_WH};
use crate::contract::simulator::{Line, Snapshot};
use crate::displays;

impl Message {
    /// On the LCD and on the LED.
    #[must_use]
    pub const fn shown(self) -> (&'static str, &'static str) {
        match self {
            Self::None => ("", ""),
            Self::Accepted => ("ACCEPt", "ACCP"),
            Self::Used => ("USEd", "USEd"),
            Self::Old => ("OLd", "OLd"),
            Self::Rejected => ("rEJEct", "rEJ"),
            Self::Full => ("FULL", "FULL"),
        }
    }
}

/// Everything that the meter knows, and every item of its display.
#[must_use]
pub fn snapshot(meter: &Meter) -> Snapshot {
    Snapshot {
        meter_no: meter.meter_no,
        // A token meter belongs to whoever has the tokens.
        user_no: 0,
        count: meter.count,
        balance_wh: meter.balance_wh(),
        total_used_wh: meter.used_ws.div_euclid(WS_PER_WH),
        total_purchased_wh: meter.purchased_wh,
        preset_wh: 0,
        power_w: if meter.relay_closed() { meter.load_w } else { 0 },
        relay_closed: meter.relay_closed(),
        alarm: false,
        powered: meter.powered,
        status: meter.status(),
        lines: if meter.powered { lines(meter) } else { Vec::new() },
    }
}

fn lines(meter: &Meter) -> Vec<Line> {
    let line = |(id, (lcd, led)): (&str, (String, String))| Line { id: id.into(), lcd, led };
    displays::ids().zip(items(meter)).map(line).collect()
}

/// In the order of the display table.
fn items(meter: &Meter) -> [(String, String); displays::SHOWN] {
    let (lcd, led) = meter.message.shown();
    let power = if meter.relay_closed() { meter.load_w } else { 0 };
    let status = format!("E={:02X}", meter.status());
    let low = |number: u64| number % 10_000;
    [
        energy(meter.balance_wh(), " kWh", ""),
        energy(meter.used_ws.div_euclid(WS_PER_WH), "", ""),
        energy(meter.purchased_wh, "", "P"),
        energy(meter.last_wh, " kWh", "L"),
        (meter.count.to_string(), format!("C {:04}", meter.count % 10_000)),
        watts(power, ""),
        watts(meter.max_power_w, "F"),
        (
            format!("{:011}", meter.meter_no),
            format!("n{:04}  {:04}", low(meter.meter_no / 10_000), low(meter.meter_no)),
        ),
        (format!("{} imp/kWh", meter.constant), format!("i {:04}", meter.constant % 10_000)),
        (status.clone(), status),
        (lcd.into(), led.into()),
    ]
}

/// Tenths of a kWh, rounded down; on the LED in two screens where they do not fit one.
fn energy(wh: i64, unit: &str, prefix: &str) -> (String, String) {
    let (kwh, tenths) = (wh.div_euclid(1000), wh.rem_euclid(1000) / 100);
    let (high, low) = (kwh / 100, kwh % 100);
    let led = if high == 0 { format!("{low}.{tenths}") } else { format!("{high}  {low:02}.{tenths}") };
    (format!("{kwh}.{tenths}{unit}"), format!("{prefix}{led}"))
}

fn watts(watts: u32, prefix: &str) -> (String, String) {
    let (kw, rest) = (watts / 1000, watts % 1000);
    (format!("{kw}.{rest:03} kW"), format!("{prefix}{kw}.{:02}", rest / 10))
}
