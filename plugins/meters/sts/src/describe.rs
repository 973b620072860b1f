//! What the driver says about itself.

use crate::amount;
use crate::contract::types::{Description, Facts, Layout, Text};
use crate::{displays, key};

/// The step of a token's energy: 0.1 kWh.
pub const STEP_WH: i64 = 100;
/// What `insert` takes instead of a card.
pub const CHIP: &str = "token";
/// Bytes of that: the class and the plain block.
pub const CHIP_BYTES: u32 = 9;

/// The whole description.
#[must_use]
pub fn describe() -> Description {
    Description {
        id: "sts.ea11".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        name: Text { zh: "STS 键盘表（20 位代码，EA11）".into(), en: "STS keypad meter (20-digit token, EA11)".into() },
        standards: vec!["IEC 62055-41".into(), "RFC 2994".into()],
        carrier: "token".into(),
        evidence: Text {
            zh: "代码格式、密钥导出和 14 个公布的代码取自公开的 STS 531-1 测试用例；虚拟电表和显示由本项目自行设计".into(),
            en: "Token format, key derivation and 14 published tokens are from the public test cases of STS 531-1; virtual meter \
                 and display are ours"
                .into(),
        },
        card_kinds: vec![CHIP.into()],
        facts: facts(),
        params: key::specs(),
        layout: Layout {
            chip: CHIP.into(),
            size: CHIP_BYTES,
            seal_offset: 0,
            seal_value: 0,
            fields: Vec::new(),
            writable: Vec::new(),
            returned: Vec::new(),
        },
        displays: displays::table(),
    }
}

/// What a sale is planned with. A token carries neither purchase number nor alarm level nor limits, and nothing comes back
/// from the meter. Above `quantity-max-wh` the steps of a token are wider than `quantity-step-wh`: two tokens are sold
/// then.
#[must_use]
pub fn facts() -> Facts {
    Facts {
        quantity_step_wh: STEP_WH,
        quantity_min_wh: STEP_WH,
        quantity_max_wh: i64::from(amount::EXACT_UP_TO).saturating_mul(STEP_WH),
        count_max: u32::MAX,
        count_wraps_to: None,
        preset_deducted_by: "system".into(),
        alarm_permille: 0,
        alarm_min_wh: 0,
        loads_at_hoarding_limit: None,
        writes_back_on_rejection: Some(false),
        shows_next_count: Some(false),
        capacity_max_w: 0x3FFF,
    }
}
