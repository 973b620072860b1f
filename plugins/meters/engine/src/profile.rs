//! What differs from one meter maker to the next, as data.

/// A number that stands on a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// Tells whose layout and rules the card follows.
    ProfileId,
    /// Version of the layout.
    ProfileVersion,
    /// The vending system's code; a meter takes cards of its own system only.
    SystemCode,
    /// Area of the meter.
    Region,
    /// Customer number.
    UserNo,
    /// Number of this very card.
    CardNo,
    /// Kind of card.
    CardType,
    /// Which version of the site's key the password is derived from.
    KeyVersion,
    /// How often the identity was written.
    WriteCounter,
    /// Factory number of the meter; 0 on universal cards.
    MeterNo,
    /// Purchase number.
    Count,
    /// Purchased quantity.
    Quantity,
    /// Remaining quantity at which the meter warns by cutting.
    Alarm,
    /// How far the meter may be overdrawn.
    Overdraft,
    /// Greatest quantity that the meter stores.
    Hoard,
    /// 0 = no limit, 1 = cut after 30 s over capacity.
    LimitMode,
    /// Contracted capacity.
    Capacity,
    /// Preset quantity.
    Preset,
    /// Date as YYMMDD.
    Date,
    /// Energy used since the meter was last cleared.
    TotalUsed,
    /// Energy left.
    Remaining,
    /// Energy used beyond what was paid.
    Overdrawn,
    /// 1 = the relay is open.
    RelayOpen,
    /// Status word.
    Status,
    /// Rejected insertions.
    Errors,
    /// Energy bought since the meter was last cleared.
    TotalPurchased,
    /// Present power.
    Power,
    /// What a management card orders.
    Operation,
}

impl Item {
    /// The name in the published field map and in refusals.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProfileId => "profile-id",
            Self::ProfileVersion => "profile-version",
            Self::SystemCode => "system-code",
            Self::Region => "region",
            Self::UserNo => "user-no",
            Self::CardNo => "card-no",
            Self::CardType => "card-type",
            Self::KeyVersion => "key-version",
            Self::WriteCounter => "write-counter",
            Self::MeterNo => "meter-no",
            Self::Count => "count",
            Self::Quantity => "quantity",
            Self::Alarm => "alarm",
            Self::Overdraft => "overdraft",
            Self::Hoard => "hoard",
            Self::LimitMode => "limit-mode",
            Self::Capacity => "capacity",
            Self::Preset => "preset",
            Self::Date => "date",
            Self::TotalUsed => "total-used",
            Self::Remaining => "remaining",
            Self::Overdrawn => "overdrawn",
            Self::RelayOpen => "relay-open",
            Self::Status => "status",
            Self::Errors => "errors",
            Self::TotalPurchased => "total-purchased",
            Self::Power => "power",
            Self::Operation => "operation",
        }
    }
}

/// How a number is laid into bytes; both have the high byte first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Packed BCD.
    Bcd,
    /// Unsigned binary.
    Uint,
}

/// One number in a row of numbers.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Which number.
    pub item: Item,
    /// Bytes that it takes.
    pub len: usize,
    /// How it is laid into them.
    pub coding: Coding,
    /// Value of one step in the engine's unit: Wh for energies, W for powers, else 1.
    pub step: i64,
}

impl Field {
    /// A packed BCD number.
    #[must_use]
    pub const fn bcd(item: Item, len: usize, step: i64) -> Self {
        Self { item, len, coding: Coding::Bcd, step }
    }

    /// A binary number.
    #[must_use]
    pub const fn uint(item: Item, len: usize) -> Self {
        Self { item, len, coding: Coding::Uint, step: 1 }
    }
}

/// A frame's command and data.
#[derive(Clone, Copy, Debug)]
pub struct FrameSpec {
    /// Command byte.
    pub command: u8,
    /// Data, in order.
    pub fields: &'static [Field],
}

/// What the frame at the purchase area says, by kind of card.
#[derive(Clone, Copy, Debug)]
pub struct CardKind {
    /// The card type byte.
    pub code: i64,
    /// The contract's name of the kind.
    pub name: &'static str,
    /// Its frame.
    pub frame: FrameSpec,
}

/// How the length byte of a frame is written; the public sources on GB/T 18460 differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LengthCoding {
    /// As a binary number.
    Bin,
    /// As two BCD digits.
    Bcd,
}

/// A part of the card's memory.
#[derive(Clone, Copy, Debug)]
pub struct Area {
    /// First byte.
    pub offset: usize,
    /// Bytes.
    pub len: usize,
}

impl Area {
    /// The offset behind the last byte.
    #[must_use]
    pub const fn end(self) -> usize {
        self.offset.saturating_add(self.len)
    }

    /// The bytes of `image` in this area; empty if the image is too short.
    #[must_use]
    pub fn of(self, image: &[u8]) -> &[u8] {
        image.get(self.offset..self.end()).unwrap_or_default()
    }

    /// The same, to write.
    #[must_use]
    pub fn of_mut(self, image: &mut [u8]) -> &mut [u8] {
        image.get_mut(self.offset..self.end()).unwrap_or_default()
    }
}

/// Rule of the card's password: the message that the host's key provider signs.
#[derive(Clone, Copy, Debug)]
pub struct CodeRule {
    /// Named key of the host.
    pub slot: &'static str,
    /// The message begins with it.
    pub prefix: &'static [u8],
    /// The rest of the message.
    pub fields: &'static [Field],
    /// Bytes of the password.
    pub len: u32,
    /// The password of a card that was never issued.
    pub transport: &'static [u8],
}

/// A layout: where everything stands on the card and how it is written.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// Name of the layout.
    pub name: &'static str,
    /// Version of the layout, on every card.
    pub version: i64,
    /// The chip.
    pub chip: &'static str,
    /// Bytes of memory.
    pub size: usize,
    /// Who the card is: the identity's fields, then CRC-16, then FFh.
    pub identity: Area,
    /// The identity's fields.
    pub identity_fields: &'static [Field],
    /// The frame that the system writes; its first byte is the seal.
    pub order: Area,
    /// The frame that the meter writes back.
    pub returned: Area,
    /// What the host may change.
    pub writable: Area,
    /// All kinds of card that can be written.
    pub kinds: &'static [CardKind],
    /// What the meter writes back.
    pub returned_frame: FrameSpec,
    /// How frames tell their length.
    pub length: LengthCoding,
    /// The rule of the password.
    pub code: CodeRule,
}

/// Who subtracts the preset quantity from the first purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresetBy {
    /// The meter: the preset is a credit, and the first purchase pays what was used of it.
    Meter,
    /// The system: the preset is a balance, and the first card carries that much less.
    System,
}

/// A meter standard: a layout with its rules.
#[derive(Clone, Copy, Debug)]
pub struct Standard {
    /// Id of the driver.
    pub id: &'static str,
    /// Version of the driver.
    pub version: &'static str,
    /// Name in Chinese and in English.
    pub name: (&'static str, &'static str),
    /// The published standards that it follows.
    pub standards: &'static [&'static str],
    /// What it rests on, in Chinese and in English.
    pub evidence: (&'static str, &'static str),
    /// The layout.
    pub profile: &'static Profile,
    /// The byte by which a card of this standard is told from one of another with the same layout.
    pub profile_id: i64,
    /// Who subtracts the preset quantity.
    pub preset_by: PresetBy,
    /// Least written quantity, Wh.
    pub quantity_min_wh: i64,
}
