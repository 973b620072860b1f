//! Layout "open-a" on SLE4442. It is ours: the address annexes of GB/T 18460.2 and the layout of JB/T 8382 are not
//! public. Public are the frame (68h, command, length, data, sum, 16h, high byte first) and command 01h.
//!
//! | bytes | content |
//! |---|---|
//! | 00-1F | factory header, never written |
//! | 20-3F | identity |
//! | 40-7F | one frame of the system; byte 40 = 68h is the seal |
//! | 80-BF | not used, left as it is |
//! | C0-FF | returned data, written by the meter, byte C0 erased first and set last |

use crate::profile::{Area, CardKind, CodeRule, Field, FrameSpec, Item, LengthCoding, Profile};

/// One kWh in Wh.
pub const KWH: i64 = 1000;

const IDENTITY: &[Field] = &[
    Field::uint(Item::ProfileId, 1),
    Field::uint(Item::ProfileVersion, 1),
    Field::bcd(Item::SystemCode, 2, 1),
    Field::bcd(Item::Region, 2, 1),
    Field::bcd(Item::UserNo, 4, 1),
    Field::bcd(Item::CardNo, 4, 1),
    Field::uint(Item::CardType, 1),
    Field::uint(Item::KeyVersion, 1),
    Field::uint(Item::WriteCounter, 2),
];

const PURCHASE: FrameSpec = FrameSpec {
    command: 0x02,
    fields: &[
        Field::bcd(Item::UserNo, 4, 1),
        Field::bcd(Item::MeterNo, 4, 1),
        Field::uint(Item::CardType, 1),
        Field::bcd(Item::Count, 2, 1),
        Field::bcd(Item::Quantity, 3, KWH),
        Field::bcd(Item::Alarm, 3, KWH),
        Field::bcd(Item::Overdraft, 3, KWH),
        Field::bcd(Item::Hoard, 3, KWH),
        Field::uint(Item::LimitMode, 1),
        Field::bcd(Item::Capacity, 2, 10),
        Field::bcd(Item::Preset, 2, KWH),
        Field::bcd(Item::Date, 3, 1),
    ],
};

/// Command 01h is public; the widths are ours.
const INITIALISATION: FrameSpec =
    FrameSpec { command: 0x01, fields: &[Field::bcd(Item::UserNo, 4, 1), Field::bcd(Item::Alarm, 3, KWH)] };

const CLEAR: FrameSpec =
    FrameSpec { command: 0x04, fields: &[Field::uint(Item::CardType, 1), Field::bcd(Item::MeterNo, 4, 1)] };

const PRESET: FrameSpec =
    FrameSpec { command: 0x05, fields: &[Field::uint(Item::CardType, 1), Field::bcd(Item::Preset, 2, KWH)] };

const CHECK: FrameSpec = FrameSpec { command: 0x06, fields: &[Field::uint(Item::CardType, 1)] };

const MANAGEMENT: FrameSpec = FrameSpec {
    command: 0x08,
    fields: &[Field::uint(Item::CardType, 1), Field::bcd(Item::MeterNo, 4, 1), Field::uint(Item::Operation, 1)],
};

const RETURNED: FrameSpec = FrameSpec {
    command: 0x11,
    fields: &[
        Field::bcd(Item::UserNo, 4, 1),
        Field::bcd(Item::MeterNo, 4, 1),
        Field::bcd(Item::Count, 2, 1),
        Field::bcd(Item::TotalUsed, 4, 100),
        Field::bcd(Item::Remaining, 4, 10),
        Field::bcd(Item::Overdrawn, 4, 10),
        Field::uint(Item::RelayOpen, 1),
        Field::uint(Item::Status, 1),
        Field::bcd(Item::Errors, 3, 1),
        Field::bcd(Item::TotalPurchased, 4, KWH),
        Field::bcd(Item::Power, 4, 1),
    ],
};

/// Card type byte of a purchase card.
pub const TYPE_PURCHASE: i64 = 0x02;
/// Card type byte of a clear card.
pub const TYPE_CLEAR: i64 = 0x04;
/// Card type byte of a preset card.
pub const TYPE_PRESET: i64 = 0x05;
/// Card type byte of a check card.
pub const TYPE_CHECK: i64 = 0x06;
/// Card type byte of a management card that suspends or wakes.
pub const TYPE_MANAGEMENT: i64 = 0x08;
/// Card type byte of a management card that binds a meter to a customer.
pub const TYPE_INITIALISATION: i64 = 0x01;

/// The layout.
pub const OPEN_A: Profile = Profile {
    name: "open-a",
    version: 1,
    chip: "sle4442",
    size: 256,
    identity: Area { offset: 0x20, len: 0x20 },
    identity_fields: IDENTITY,
    order: Area { offset: 0x40, len: 0x40 },
    returned: Area { offset: 0xC0, len: 0x40 },
    writable: Area { offset: 0x20, len: 0x60 },
    kinds: &[
        CardKind { code: TYPE_PURCHASE, name: "purchase", frame: PURCHASE },
        CardKind { code: TYPE_CLEAR, name: "clear", frame: CLEAR },
        CardKind { code: TYPE_PRESET, name: "preset", frame: PRESET },
        CardKind { code: TYPE_CHECK, name: "check", frame: CHECK },
        CardKind { code: TYPE_MANAGEMENT, name: "management", frame: MANAGEMENT },
        CardKind { code: TYPE_INITIALISATION, name: "management", frame: INITIALISATION },
    ],
    returned_frame: RETURNED,
    length: LengthCoding::Bin,
    code: CodeRule {
        slot: "psc",
        prefix: b"psc",
        fields: &[
            Field::uint(Item::KeyVersion, 1),
            Field::bcd(Item::SystemCode, 2, 1),
            Field::bcd(Item::Region, 2, 1),
            Field::bcd(Item::UserNo, 4, 1),
            Field::bcd(Item::CardNo, 4, 1),
        ],
        len: 3,
        transport: &[0xFF, 0xFF, 0xFF],
    },
};
