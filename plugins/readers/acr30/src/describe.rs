//! What the driver says about itself.

use dianka_sdk::reader::driver::{Description, Text};
use dianka_sdk::reader::{Parity, Settings};

/// 9600 8N1, the speed after a reset of the reader.
pub const LINE: Settings = Settings { baud: 9600, data_bits: 8, parity: Parity::None, stop_bits: 1 };

/// The description.
#[must_use]
pub fn describe() -> Description {
    Description {
        id: "acr30".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        name: Text { zh: "ACS ACR30 串口读卡器".into(), en: "ACS ACR30 serial reader".into() },
        models: vec!["ACS ACR30S".into()],
        chips: ["sle4442", "sle4428", "at24c02"].map(str::to_owned).to_vec(),
        line: vec![LINE],
        reads_error_counter: false,
        changes_code: true,
        evidence: Text {
            zh: "依据 ACR30 参考手册 v3.3（2009 年 1 月），帧向量部分出自手册，其余按手册规则计算；openct 的同系列 USB 驱动帧格式一致。\
                 SLE4428 改密码系推算。未在实物上验证；该读卡器提交密码前读不出剩余次数"
                .into(),
            en: "By the ACR30 reference manual v3.3 (January 2009): some frames are the manual's own, the others are \
                 computed by its rules; openct's driver of the USB sibling has the same framing. How an SLE4428's \
                 password is changed is computed from the chip's data sheet. Not tried on the real reader. This reader \
                 cannot tell the tries before a password is presented"
                .into(),
        },
    }
}
