//! The state as bytes: a mark, the numbers of eight bytes each, the remembered identifiers, a check sum.

use super::{MEMORY, Message, Meter};
use crate::contract::types::Refusal;
use crate::refuse::refuse;
use dianka_sdk::checksum::crc16;

const MAGIC: [u8; 4] = *b"DKT1";

impl Meter {
    /// The whole state.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let signed = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        let numbers = [
            signed(self.meter_no),
            self.constant.into(),
            self.balance_ws,
            self.used_ws,
            self.purchased_wh,
            self.last_wh,
            self.count.into(),
            self.max_power_w.into(),
            self.unbalance_w.into(),
            self.power_cut.into(),
            signed(self.over_seconds),
            self.load_w.into(),
            self.powered.into(),
            self.errors.into(),
            code(self.message).into(),
        ];
        let mut bytes = MAGIC.to_vec();
        numbers.iter().for_each(|number| bytes.extend_from_slice(&number.to_be_bytes()));
        self.taken.iter().for_each(|taken| bytes.extend_from_slice(&i64::from(*taken).to_be_bytes()));
        let sum = crc16(&bytes).to_be_bytes();
        bytes.extend_from_slice(&sum);
        bytes
    }

    /// The meter of these bytes.
    ///
    /// # Errors
    /// `bad-state`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Refusal> {
        parse(bytes).ok_or_else(|| refuse("bad-state", "this is not the state of such a meter"))
    }
}

fn parse(bytes: &[u8]) -> Option<Meter> {
    let (body, sum) = bytes.split_last_chunk::<2>()?;
    if *sum != crc16(body).to_be_bytes() {
        return None;
    }
    let (numbers, []) = body.strip_prefix(&MAGIC)?.as_chunks::<8>() else { return None };
    let mut numbers = numbers.iter().map(|number| i64::from_be_bytes(*number));
    let mut next = || numbers.next();
    let mut meter = Meter {
        meter_no: u64::try_from(next()?).ok()?,
        constant: short(next()?)?,
        balance_ws: next()?,
        used_ws: next()?,
        purchased_wh: next()?,
        last_wh: next()?,
        count: short(next()?)?,
        max_power_w: short(next()?)?,
        unbalance_w: short(next()?)?,
        power_cut: flag(next()?)?,
        over_seconds: u64::try_from(next()?).ok()?,
        load_w: short(next()?)?,
        powered: flag(next()?)?,
        errors: short(next()?)?,
        message: message(next()?)?,
        taken: Vec::new(),
    };
    meter.taken = numbers.map(short).collect::<Option<_>>()?;
    let sorted = meter.taken.is_sorted_by(|a, b| a < b);
    (sorted && meter.taken.len() <= MEMORY && meter.balance_ws >= 0).then_some(meter)
}

const MESSAGES: [Message; 6] =
    [Message::None, Message::Accepted, Message::Used, Message::Old, Message::Rejected, Message::Full];

fn code(message: Message) -> u8 {
    MESSAGES.iter().position(|known| *known == message).and_then(|at| u8::try_from(at).ok()).unwrap_or(0)
}

fn message(code: i64) -> Option<Message> {
    MESSAGES.get(usize::try_from(code).ok()?).copied()
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
