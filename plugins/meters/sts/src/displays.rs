//! What the meter shows, as a customer reads it out on the telephone. Items and forms are ours: the standard leaves the
//! display to the maker.

use dianka_sdk::displays::Table;

use crate::contract::types::DisplayItem;

/// How many of the items are screens; the rest explain messages.
pub const SHOWN: usize = 11;

/// Ids of the screens, in order.
pub fn ids() -> impl Iterator<Item = &'static str> {
    TABLE.ids()
}

/// All items.
#[must_use]
pub fn table() -> Vec<DisplayItem> {
    TABLE.items()
}

const TABLE: Table<16> = Table::new(
    SHOWN,
    [
        [
            "remaining",
            "剩余电量",
            "Remaining credit",
            "1234.5 kWh",
            "1234  .5",
            "",
            "剩余电量，降到零时断电",
            "Credit left; the meter cuts at zero",
        ],
        [
            "total-used",
            "累计用电量",
            "Total used",
            "123456.7",
            "1234  56.7",
            "",
            "累计用电量",
            "Energy used since the meter was made",
        ],
        [
            "total-purchased",
            "累计购电量",
            "Total purchased",
            "123456.7",
            "1234  56.7",
            "P",
            "累计输入的电量",
            "All credit that was entered",
        ],
        [
            "last-credit",
            "上次购电量",
            "Last credit",
            "123.4 kWh",
            "123.4",
            "L",
            "最近一次输入的电量",
            "Credit of the token entered last",
        ],
        [
            "count",
            "已接受代码数",
            "Tokens accepted",
            "12",
            "0012",
            "C",
            "电表已接受的代码个数",
            "Tokens that the meter has taken",
        ],
        ["power", "当前功率", "Power", "1.234 kW", "1.23", "", "当前功率", "Power drawn now"],
        [
            "max-power",
            "最大功率",
            "Maximum power",
            "5.000 kW",
            "5.00",
            "F",
            "最大功率限值，0 为不限",
            "Power limit; 0 = none",
        ],
        ["meter-no", "表号", "Meter number", "00000000000", "0000  0000", "n", "电表编号", "Number of the meter"],
        [
            "constant",
            "电表常数",
            "Meter constant",
            "1600 imp/kWh",
            "1600",
            "i",
            "每千瓦时脉冲数",
            "Pulses a kilowatt-hour",
        ],
        [
            "status",
            "状态",
            "Status",
            "E=00",
            "E=00",
            "E=",
            "00 正常，04 超功率断电，08 电量用完",
            "00 in order, 04 cut for too much power, 08 no credit left",
        ],
        [
            "message",
            "提示",
            "Message",
            "ACCEPt",
            "ACCP",
            "",
            "最近一次输入代码的结果，见下列各项",
            "What became of the token entered last; see below",
        ],
        [
            "accepted",
            "已接受",
            "Accepted",
            "ACCEPt",
            "ACCP",
            "ACCEPt",
            "代码有效，已执行",
            "The token was good and was carried out",
        ],
        ["used", "已使用", "Used", "USEd", "USEd", "USEd", "该代码已输入过", "This token was entered before"],
        [
            "old",
            "已过期",
            "Old",
            "OLd",
            "OLd",
            "OLd",
            "代码早于电表记住的所有代码",
            "The token is older than all that the meter remembers",
        ],
        [
            "rejected",
            "被拒绝",
            "Rejected",
            "rEJEct",
            "rEJ",
            "rEJEct",
            "代码不属于本表或输入有误",
            "The token is not this meter's, or was mistyped",
        ],
        [
            "full",
            "电量已满",
            "Full",
            "FULL",
            "FULL",
            "FULL",
            "电量超出显示范围，用掉一些后可再输入",
            "The credit would not fit; enter it again when some is used",
        ],
    ],
);
