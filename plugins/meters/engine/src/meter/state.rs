//! A meter's state as bytes: `DM`, version, profile id, the numbers in order and high byte first, CRC-16.

use dianka_sdk::checksum::crc16;
use dianka_sdk::meter::types::Refusal;

use super::{Limits, Message, Meter};
use crate::profile::Standard;
use crate::refuse::refuse;

const MAGIC: [u8; 2] = *b"DM";
const VERSION: u8 = 1;

impl Meter {
    /// The state as opaque bytes, the same for the same state.
    #[must_use]
    pub fn to_bytes(&self, standard: &Standard) -> Vec<u8> {
        let mut out = Vec::with_capacity(224);
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&[VERSION, id(standard)]);
        for number in self.numbers() {
            out.extend_from_slice(&number.to_be_bytes());
        }
        out.extend_from_slice(&crc16(&out).to_be_bytes());
        out
    }

    /// The state from bytes that [`Meter::to_bytes`] made for the same standard.
    ///
    /// # Errors
    /// `bad-state` for anything else.
    pub fn from_bytes(standard: &Standard, bytes: &[u8]) -> Result<Self, Refusal> {
        parse(standard, bytes).ok_or_else(|| refuse("bad-state", "not a state of this driver's meter"))
    }

    fn numbers(&self) -> [i64; 28] {
        let limits = &self.limits;
        [
            signed(self.meter_no),
            self.constant.into(),
            self.system_code.into(),
            self.region.into(),
            signed(self.user_no),
            self.count.into(),
            self.balance_ws,
            self.used_ws,
            self.purchased_wh,
            self.preset_wh,
            limits.quantity_wh,
            limits.alarm_wh,
            limits.overdraft_wh,
            limits.hoard_wh,
            limits.limit_mode.into(),
            limits.capacity_w.into(),
            limits.date,
            self.alarm_cut.into(),
            self.alarm_acknowledged.into(),
            i64::from(self.empty_cut) | (i64::from(self.capacity_cut) << 1) | (i64::from(self.suspended) << 2),
            signed(self.over_seconds),
            self.load_w.into(),
            signed(self.run_seconds),
            self.powered.into(),
            signed(self.since_power_s),
            self.clearable.into(),
            self.errors.into(),
            i64::from(self.message == Message::CardError),
        ]
    }
}

fn parse(standard: &Standard, bytes: &[u8]) -> Option<Meter> {
    let (body, sum) = bytes.split_last_chunk::<2>()?;
    if *sum != crc16(body).to_be_bytes() {
        return None;
    }
    let numbers = body.strip_prefix(&MAGIC)?.strip_prefix(&[VERSION, id(standard)])?;
    let (numbers, []) = numbers.as_chunks::<8>() else { return None };
    let mut numbers = numbers.iter().map(|number| i64::from_be_bytes(*number));
    let mut next = || numbers.next();
    let mut meter = Meter {
        meter_no: unsigned(next()?)?,
        constant: short(next()?)?,
        system_code: short(next()?)?,
        region: short(next()?)?,
        user_no: unsigned(next()?)?,
        count: short(next()?)?,
        balance_ws: next()?,
        used_ws: next()?,
        purchased_wh: next()?,
        preset_wh: next()?,
        limits: Limits {
            quantity_wh: next()?,
            alarm_wh: next()?,
            overdraft_wh: next()?,
            hoard_wh: next()?,
            limit_mode: u8::try_from(next()?).ok()?,
            capacity_w: short(next()?)?,
            date: next()?,
        },
        alarm_cut: flag(next()?)?,
        alarm_acknowledged: flag(next()?)?,
        ..Meter::default()
    };
    let cuts = next()?;
    meter.empty_cut = flag(cuts & 1)?;
    meter.capacity_cut = flag((cuts >> 1) & 1)?;
    meter.suspended = flag(cuts >> 2)?;
    meter.over_seconds = unsigned(next()?)?;
    meter.load_w = short(next()?)?;
    meter.run_seconds = unsigned(next()?)?;
    meter.powered = flag(next()?)?;
    meter.since_power_s = unsigned(next()?)?;
    meter.clearable = flag(next()?)?;
    meter.errors = short(next()?)?;
    meter.message = if flag(next()?)? { Message::CardError } else { Message::None };
    numbers.next().is_none().then_some(meter)
}

fn id(standard: &Standard) -> u8 {
    u8::try_from(standard.profile_id).unwrap_or(0)
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn unsigned(value: i64) -> Option<u64> {
    u64::try_from(value).ok()
}

fn short(value: i64) -> Option<u32> {
    u32::try_from(value).ok()
}

const fn flag(value: i64) -> Option<bool> {
    match value {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}
