//! Numbers as the display shows them, on an 8-digit LCD and on a 4-digit LED (two screens, separated by two spaces). What
//! does not fit the digits is shown as dashes, never cut off.

use super::WS_PER_WH;

/// What the LCD shows for a card that was not taken.
pub const CARD_ERROR_LCD: &str = "E=C07";
/// What the LED shows for the same.
pub const CARD_ERROR_LED: &str = "E=CE";

/// One item, in both forms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// On the LCD.
    pub lcd: String,
    /// On the LED.
    pub led: String,
}

fn shown(lcd: String, led: String) -> Shown {
    Shown { lcd, led }
}

/// Four digits, or dashes.
pub fn four(value: i64) -> String {
    if (0..=9999).contains(&value) { format!("{value:04}") } else { "----".into() }
}

/// The meter constant.
pub fn constant(value: u32) -> Shown {
    let digits = four(value.into());
    shown(format!("常数,{digits}"), format!("HC==  {digits}"))
}

/// Factory or customer number: its low 8 digits, of which the LED has room for 6.
pub fn number(prefix: &str, value: u64) -> Shown {
    let low = value % 10_000;
    shown(format!("表号,{:08}", value % 100_000_000), format!("{prefix}{:02}  {low:04}", value / 10_000 % 100))
}

/// Total used: hundredths of a kWh, with leading zeros.
pub fn total_used(ws: i64) -> Shown {
    let (kwh, cents) = hundredths(ws.rem_euclid(1_000_000 * 1000 * WS_PER_WH));
    shown(format!("总电量,{kwh:06}.{cents:02} KWh"), two_screens(kwh, cents, true))
}

/// Remaining: hundredths of a kWh, without leading zeros, with a sign when overdrawn.
pub fn remaining(ws: i64) -> Shown {
    // Rounded down, so that an overdraft is never shown as nothing.
    let cents = ws.div_euclid(10 * WS_PER_WH);
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.saturating_abs();
    let (kwh, cents) = (cents.div_euclid(100), cents.rem_euclid(100));
    shown(format!("剩余电量,{sign}{kwh}.{cents:02} KWh"), format!("{sign}{}", two_screens(kwh, cents, false)))
}

/// Total purchased, whole kWh.
pub fn total_purchased(wh: i64) -> Shown {
    let kwh = wh.div_euclid(1000).rem_euclid(1_000_000);
    let (high, low) = (kwh.div_euclid(10_000), kwh.rem_euclid(10_000));
    shown(format!("总购电量,{kwh} KWh"), format!("P={high:02}  {low:04}"))
}

/// Date of the last purchase, YYMMDD.
pub fn date(number: i64) -> Shown {
    let part = |divisor: i64| number.div_euclid(divisor).rem_euclid(100);
    let (year, month, day) = (part(10_000), part(100), part(1));
    shown(format!("购 {year:02}-{month:02}-{day:02}"), format!("PH{year:02}  {month:02}{day:02}"))
}

/// Purchase number.
pub fn count(value: u32) -> Shown {
    let digits = four(value.into());
    shown(format!("购次数,{value}"), format!("PC==  {digits}"))
}

/// One of the quantities in whole kWh, by its LED prefix.
pub fn kwh(prefix: &str, wh: i64) -> Shown {
    let label = match prefix {
        "P0" => "购电量",
        "P1" => "报警电量",
        "P2" => "电量限量",
        _ => "剩余限量",
    };
    let kwh = wh.div_euclid(1000);
    shown(format!("{label},{kwh} KWh"), format!("{prefix}==  {}", four(kwh)))
}

/// Status word.
pub fn status(value: u32) -> String {
    format!("E={value:02X}")
}

/// Limit mode and contracted capacity.
pub fn control(mode: u8, capacity_w: u32) -> Shown {
    let (kw, cents) = (capacity_w / 1000, capacity_w % 1000 / 10);
    shown(format!("F{mode:02}={kw:02}.{cents:02} KW"), format!("F{mode:02}=  {kw:02}.{cents:02}"))
}

/// Hours under power.
pub fn run_time(seconds: u64) -> Shown {
    let cents = seconds / 36 % 100_000_000;
    let (hours, cents) = (cents / 100, cents % 100);
    let led = hours % 100_000;
    shown(format!("{hours}.{cents:02} h"), format!("H{:03}  {:02}.{cents:02}", led / 100, led % 100))
}

/// Power drawn now.
pub fn power(watts: u32) -> Shown {
    let (kw, rest) = (watts / 1000, watts % 1000);
    shown(format!("{kw}.{rest:03} KW"), two_screens(kw.into(), (rest / 10).into(), false))
}

/// Remaining with the pulses of the next hundredth of a kWh; nothing is left of an overdrawn meter.
pub fn pulses(ws: i64, constant: u32) -> Shown {
    let (kwh, cents) = hundredths(ws.max(0));
    let rest = ws.max(0).rem_euclid(10 * WS_PER_WH);
    let pulses = rest.saturating_mul(constant.into()).div_euclid(1000 * WS_PER_WH);
    let four = kwh.rem_euclid(10_000);
    let led = format!("{}  {cents:02}.{pulses:02}", if four == 0 { String::new() } else { four.to_string() });
    shown(format!("剩余,{four}.{cents:02}.{pulses:02} KWh"), led.trim_start().into())
}

fn hundredths(ws: i64) -> (i64, i64) {
    let cents = ws.div_euclid(10 * WS_PER_WH);
    (cents.div_euclid(100), cents.rem_euclid(100))
}

/// Six digits and two after the point on two screens of four.
fn two_screens(whole: i64, cents: i64, zeros: bool) -> String {
    let (high, low) = (whole.div_euclid(100), whole.rem_euclid(100));
    if zeros {
        format!("{high:04}  {low:02}.{cents:02}")
    } else if high == 0 {
        format!("{low}.{cents:02}")
    } else {
        format!("{high}  {low:02}.{cents:02}")
    }
}
