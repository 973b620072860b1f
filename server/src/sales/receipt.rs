//! The receipt 凭条: a snapshot taken at the commit, drawn as HTML. A copy is the same snapshot with its copy number;
//! later prices, names and settings never change it.

use chrono::{DateTime, FixedOffset, Utc};
use serde::{Deserialize, Serialize};

use super::view::in_fours;
use crate::http::catalogue::Language;

/// The stylesheet, served by itself: the page's policy allows no inline style.
pub const STYLE: &str = "@page{size:80mm 150mm;margin:3mm}\
*{box-sizing:border-box}\
body{font:13px/1.45 'Noto Sans CJK SC','Microsoft YaHei',sans-serif;color:#000;background:#fff;margin:0 auto;padding:3mm;width:80mm}\
h1{font-size:16px;text-align:center;margin:0 0 2px}\
.sub,.copy{text-align:center;margin:0 0 6px}\
.copy{font-weight:700;border:1px solid #000}\
table{width:100%;border-collapse:collapse}\
th{font-weight:400;text-align:left;vertical-align:top;padding:1px 6px 1px 0;white-space:nowrap}\
td{text-align:right;padding:1px 0;font-variant-numeric:tabular-nums}\
tr.rule th,tr.rule td{border-top:1px dashed #000;padding-top:4px}\
tr.sum th,tr.sum td{font-weight:700;font-size:15px}\
p.token{margin:8px 0 2px;text-align:center;font-size:19px;font-weight:700;line-height:1.3;white-space:nowrap;font-variant-numeric:tabular-nums}\
p.note{margin:6px 0 0;border-top:1px dashed #000;padding-top:4px}";

/// What a receipt shows. Units: fen, Wh (real unless said otherwise), 10^-6 yuan per kWh.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// 单位.
    pub organisation: String,
    /// 售电点.
    pub site: String,
    /// Workstation number.
    pub workstation: u32,
    /// 操作员.
    pub operator: String,
    /// 用户编号.
    pub user_no: i64,
    /// 户名.
    pub name: String,
    /// 地址.
    pub address: String,
    /// 表号.
    pub meter_no: String,
    /// 购电次数.
    pub count: u32,
    /// Tariff's name.
    pub tariff: String,
    /// Price.
    pub price_micro: i64,
    /// Sold and billed.
    pub energy_wh: i64,
    /// To pay.
    pub amount_fen: i64,
    /// Handed over, when it was cash.
    pub cash_fen: Option<i64>,
    /// 倍率.
    pub multiplier: u32,
    /// 找补 used up.
    pub adjustment_used_wh: i64,
    /// Carried to the next purchase.
    pub carry_wh: i64,
    /// 预置 deducted, meter energy.
    pub preset_deducted_wh: i64,
    /// 写卡电量, meter energy: what the meter will add.
    pub quantity_wh: i64,
    /// 报警电量, meter energy.
    pub alarm_wh: i64,
    /// The token, where the meter takes tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<ReceiptToken>,
    /// Whether this is training paper.
    pub learning: bool,
    /// When the money was taken.
    pub at: DateTime<Utc>,
    /// Minutes east of Greenwich for the printed time.
    pub offset_min: i32,
}

/// A token on paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptToken {
    /// What the customer types, without spaces.
    pub digits: String,
    /// Its identifier (TID).
    pub identifier: u64,
    /// Whether it was made with the published test key: no real meter takes it.
    pub test_key: bool,
}

/// Fen as yuan.
#[must_use]
pub fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}", fen / 100, fen % 100)
}

/// Watt-hours as kWh without needless zeros.
#[must_use]
pub fn kwh(wh: i64) -> String {
    let sign = if wh < 0 { "-" } else { "" };
    decimal(sign, wh.unsigned_abs(), 1_000, 3)
}

/// Micro-yuan as yuan without needless zeros, at least four decimals.
#[must_use]
pub fn price(micro: i64) -> String {
    let text = format!("{}.{:06}", micro / 1_000_000, micro.unsigned_abs() % 1_000_000);
    text.strip_suffix("00").map_or(text.clone(), str::to_owned)
}

fn decimal(sign: &str, value: u64, unit: u64, digits: usize) -> String {
    let text = format!("{sign}{}.{:0digits$}", value / unit, value % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

struct Row {
    zh: &'static str,
    en: &'static str,
    value: String,
    class: &'static str,
}

fn row(zh: &'static str, en: &'static str, value: impl Into<String>) -> Row {
    Row { zh, en, value: value.into(), class: "" }
}

impl Receipt {
    /// The document. `copy` 0 is the original.
    #[must_use]
    pub fn html(&self, receipt_no: &str, copy: u32, language: Language) -> String {
        let zh = matches!(language, Language::Zh);
        let pick = |zh_text: &'static str, en_text: &'static str| if zh { zh_text } else { en_text };
        let rows: String = self
            .rows(receipt_no)
            .iter()
            .map(|r| {
                let label = pick(r.zh, r.en);
                format!("<tr class=\"{}\"><th scope=\"row\">{label}</th><td>{}</td></tr>", r.class, escape(&r.value))
            })
            .collect();
        let copy_line = match copy {
            0 => String::new(),
            n if zh => format!("<p class=\"copy\">补打 第 {n} 次</p>"),
            n => format!("<p class=\"copy\">Copy {n}</p>"),
        };
        let learning =
            if self.learning { pick("学习使用 · 不作凭证", "Learning mode · not a receipt") } else { "" };
        let title = pick("售电凭条", "Receipt");
        let note = if self.token.is_some() {
            pick(
                "请在电表键盘上依次输入以上 20 位数字。每个代码只能用一次。",
                "Type these digits on the meter's keypad. The meter takes each token once.",
            )
        } else {
            pick(
                "请将卡插入电表至显示稳定后取出。",
                "Insert the card into the meter and wait until the display settles.",
            )
        };
        let token = self.token.as_ref().map_or_else(String::new, |token| {
            let test = pick("公布的测试密钥，真实电表不接受", "published test key: no real meter takes it");
            let test = if token.test_key { format!("<p class=\"sub\">{test}</p>") } else { String::new() };
            format!("<p class=\"token\">{}</p>{test}", in_fours(&token.digits))
        });
        format!(
            "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{title} {}</title>\
             <link rel=\"stylesheet\" href=\"/api/v1/documents/receipt.css\"></head><body><main><h1>{title}</h1>\
             <p class=\"sub\">{}<br>{learning}</p>{copy_line}<table>{rows}</table>{token}<p class=\"note\">{note}</p></main></body></html>",
            if zh { "zh-CN" } else { "en" },
            escape(receipt_no),
            escape(&self.organisation),
        )
    }

    fn rows(&self, receipt_no: &str) -> Vec<Row> {
        let zone = FixedOffset::east_opt(self.offset_min.saturating_mul(60));
        let at = zone.map_or_else(
            || self.at.format("%Y-%m-%d %H:%M").to_string(),
            |zone| self.at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string(),
        );
        let mut rows = vec![
            row("凭条号", "Receipt", receipt_no),
            row("时间", "Time", at),
            row("售电点", "Site", format!("{} / {}", self.site, self.workstation)),
            row("操作员", "Operator", self.operator.clone()),
            Row { class: "rule", ..row("用户编号", "User no.", format!("{:08}", self.user_no)) },
            row("户名", "Name", self.name.clone()),
            row("地址", "Address", self.address.clone()),
            row("表号", "Meter", self.meter_no.clone()),
            row("购电次数", "Purchase no.", self.count.to_string()),
            Row {
                class: "rule", ..row("电价", "Tariff", format!("{} ¥{}/kWh", self.tariff, price(self.price_micro)))
            },
            row("购电量", "Energy", format!("{} kWh", kwh(self.energy_wh))),
            Row { class: "sum", ..row("金额", "Amount", format!("¥{}", yuan(self.amount_fen))) },
        ];
        if let Some(cash) = self.cash_fen {
            rows.push(row("收到", "Cash", format!("¥{}", yuan(cash))));
            rows.push(row("找零", "Change", format!("¥{}", yuan(cash.saturating_sub(self.amount_fen)))));
        }
        if self.adjustment_used_wh != 0 {
            rows.push(row("找补电量", "Adjustment", format!("{} kWh ¥0.00", kwh(self.adjustment_used_wh))));
        }
        if self.carry_wh != 0 {
            rows.push(row("结转下次", "Carried on", format!("{} kWh", kwh(self.carry_wh))));
        }
        if self.preset_deducted_wh != 0 {
            rows.push(row("扣预置", "Preset deducted", format!("{} kWh", kwh(self.preset_deducted_wh))));
        }
        if self.multiplier != 1 {
            rows.push(row("倍率", "Multiplier", format!("x{}", self.multiplier)));
        }
        let quantity = format!("{} kWh", kwh(self.quantity_wh));
        match &self.token {
            Some(token) => {
                rows.push(Row { class: "rule sum", ..row("代码电量", "On the token", quantity) });
                rows.push(row("代码标识", "Token id", token.identifier.to_string()));
            }
            None => {
                rows.push(Row { class: "rule sum", ..row("写卡电量", "On the card", quantity) });
                rows.push(row("报警电量", "Alarm level", format!("{} kWh", kwh(self.alarm_wh))));
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Receipt {
        Receipt {
            organisation: "甲<乙>".into(),
            site: "城东".into(),
            workstation: 0,
            operator: "甲".into(),
            user_no: 161,
            name: "王".into(),
            address: String::new(),
            meter_no: "00001234".into(),
            count: 5,
            tariff: "居民".into(),
            price_micro: 560_000,
            energy_wh: 300_000,
            amount_fen: 16_800,
            cash_fen: Some(20_000),
            multiplier: 1,
            adjustment_used_wh: 12_000,
            carry_wh: 0,
            preset_deducted_wh: 0,
            quantity_wh: 312_000,
            alarm_wh: 32_000,
            token: None,
            learning: true,
            at: DateTime::from_timestamp(1_710_489_600, 0).unwrap(),
            offset_min: 480,
        }
    }

    #[test]
    fn figures_are_exact() {
        assert_eq!(yuan(9_968), "99.68");
        assert_eq!(yuan(-5), "-0.05");
        assert_eq!(kwh(178_000), "178");
        assert_eq!(kwh(18_420), "18.42");
        assert_eq!(kwh(-500), "-0.5");
        assert_eq!(price(560_000), "0.5600");
        assert_eq!(price(568_301), "0.568301");
    }

    #[test]
    fn a_copy_is_the_same_document_with_its_number() {
        let original = sample().html("0-12", 0, Language::Zh);
        let copy = sample().html("0-12", 2, Language::Zh);
        assert!(!original.contains("补打"));
        assert_eq!(copy.replace("<p class=\"copy\">补打 第 2 次</p>", ""), original);
        assert!(original.contains("2024-03-15 16:00"), "printed in the site's own time");
        assert!(original.contains("¥168.00") && original.contains("¥32.00"));
    }

    #[test]
    fn a_token_stands_on_it_in_groups_and_old_documents_still_read() {
        let token = ReceiptToken { digits: "59386323472137426967".into(), identifier: 5_871_660, test_key: true };
        let paper = Receipt { token: Some(token), ..sample() };
        let html = paper.html("0-1", 0, Language::En);
        assert!(html.contains("5938 6323 4721 3742 6967") && html.contains("5871660") && html.contains("test key"));
        assert!(!html.contains("Insert the card") && !html.contains("Alarm level"));
        let stored = serde_json::to_value(sample()).unwrap();
        assert!(stored.get("token").is_none());
        assert_eq!(serde_json::from_value::<Receipt>(stored).unwrap(), sample());
    }

    #[test]
    fn names_cannot_become_markup() {
        assert!(sample().html("1", 0, Language::En).contains("甲&lt;乙&gt;"));
    }
}
