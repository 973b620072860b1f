//! What the driver says about itself.

use dianka_sdk::reader::driver::{Description, Text};
use dianka_sdk::reader::{Parity, Settings};

/// 9600 8N1; the readers find the host's speed by themselves.
pub const LINE: Settings = Settings { baud: 9600, data_bits: 8, parity: Parity::None, stop_bits: 1 };

/// The description.
#[must_use]
pub fn describe() -> Description {
    Description {
        id: "crt571".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        name: Text { zh: "创自 CRT-571 系列串口读卡器".into(), en: "Creator CRT-571 family, serial".into() },
        models: ["CRT-571", "QUIO QU-TK-F3"].map(str::to_owned).to_vec(),
        chips: ["sle4442", "sle4428"].map(str::to_owned).to_vec(),
        line: vec![LINE],
        reads_error_counter: true,
        changes_code: true,
        evidence: Text {
            zh: "依据 QUIO QU-TK-F3 通信协议 v1.03（2019-01-10），状态与错误码与一个独立的公开 Go 客户端一致；帧向量按手册规则计算。\
                 SLE4428 的剩余次数与改密码系推算。未在实物上验证；该手册的 I2C 卡命令未公开可读，故不支持 AT24C02"
                .into(),
            en: "By the QUIO QU-TK-F3 communication protocol v1.03 (2019-01-10); an independent public client in Go has \
                 the same states and error codes; frames are computed by the manual's rules. The counter of an SLE4428 and \
                 how its password is changed are computed from the chip's data sheet. Not tried on a real reader. The \
                 form of its I2C commands could not be read publicly, so there is no AT24C02"
                .into(),
        },
    }
}
