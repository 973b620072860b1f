//! What the fields of the contracts are called, and what they count in.

use dianka_plugin_host::meter::{Param, Value};

/// Name of a field in Chinese and English, by its last part. None for those whose id says enough.
pub(super) fn name(field: &str) -> Option<(&'static str, &'static str)> {
    Some(match field {
        "kind" => ("卡的种类", "kind of the card"),
        "system_code" => ("系统代码", "system code"),
        "region" => ("区域", "region"),
        "user_no" => ("用户号", "customer's number"),
        "card_no" => ("卡号", "card's number"),
        "key_version" => ("密钥版本", "key version"),
        "purchase" => ("购电数据", "purchase"),
        "returned" => ("返写数据", "returned data"),
        "meter_no" => ("表号", "meter number"),
        "count" => ("购电次数", "purchase number"),
        "quantity_wh" | "quantity" => ("电量", "quantity"),
        "alarm_wh" => ("报警电量", "alarm level"),
        "overdraft_wh" => ("透支限量", "overdraft"),
        "hoard_wh" => ("囤积限量", "hoarding limit"),
        "limit_mode" => ("限容方式", "limit mode"),
        "capacity_w" => ("合同容量", "capacity"),
        "preset_wh" => ("预置电量", "preset quantity"),
        "preset_deducted_wh" => ("扣除的预置电量", "preset deducted"),
        "date" => ("日期", "date"),
        "year" => ("年", "year"),
        "month" => ("月", "month"),
        "day" => ("日", "day"),
        "hour" => ("时", "hour"),
        "minute" => ("分", "minute"),
        "total_used_wh" => ("累计用电", "energy used"),
        "total_purchased_wh" => ("累计购电", "energy bought"),
        "remaining_wh" => ("剩余电量", "energy left"),
        "balance_wh" => ("余量", "balance"),
        "loaded_wh" => ("装入电量", "energy loaded"),
        "power_w" => ("功率", "power"),
        "relay_open" => ("已断电", "supply cut"),
        "relay_closed" => ("通电状态", "supply on"),
        "status" => ("状态字", "status word"),
        "errors" => ("被拒次数", "rejected insertions"),
        "accepted" => ("已装入", "accepted"),
        "code" => ("结果代码", "code"),
        "display" => ("显示", "display"),
        "digits" => ("代码数字", "digits"),
        "identifier" => ("标识号", "identifier"),
        "issued" => ("签发时间", "time of issue"),
        "chance" => ("随机数", "chance"),
        "amount" => ("数额", "amount"),
        "slot" => ("密钥槽", "key slot"),
        "message" => ("派生数据", "message"),
        "len" => ("长度", "length"),
        "card" | "image" => ("卡片数据", "card image"),
        "state" => ("表的状态", "state of the meter"),
        "params" => ("参数", "parameters"),
        "lines" => ("显示行", "display lines"),
        _ => return None,
    })
}

/// Parameters with their values: ` base-date=1993`, each with a space before it.
pub(crate) fn params(all: &[Param]) -> String {
    let one = |param: &Param| match &param.value {
        Value::Flag(flag) => format!(" {}={flag}", param.name),
        Value::Int(number) => format!(" {}={number}", param.name),
        Value::Text(text) => format!(" {}={text}", param.name),
        Value::Bytes(bytes) => format!(" {}={}", param.name, hex::encode(bytes)),
    };
    all.iter().map(one).collect()
}

/// The unit that a field's name ends in.
pub(super) fn unit(field: &str) -> &'static str {
    if field.ends_with("_wh") {
        "Wh"
    } else if field.ends_with("_w") {
        "W"
    } else {
        ""
    }
}
