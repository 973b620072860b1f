//! What the driver says about itself.

use dianka_sdk::reader::driver::{Description, Text};
use dianka_sdk::reader::{Parity, Settings};

/// 115200 8N2, the only speed that these readers start with.
pub const LINE: Settings = Settings { baud: 115_200, data_bits: 8, parity: Parity::None, stop_bits: 2 };

/// The description.
#[must_use]
pub fn describe() -> Description {
    Description {
        id: "ccid-serial".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        name: Text { zh: "串口 CCID 读卡器（GemPC Twin 帧格式）".into(), en: "Serial CCID reader (GemPC Twin framing)".into() },
        models: vec!["GemPC Twin".into(), "GemCore POS Pro".into(), "GemCore SIM Pro".into()],
        chips: vec!["sle4442".into()],
        line: vec![LINE],
        reads_error_counter: true,
        changes_code: true,
        evidence: Text {
            zh: "帧格式经独立的 Debian libccid 驱动验证（对模拟器）；存储卡命令依据 ACS 手册。说这种串口协议的读卡器多为 CPU 卡设计，ACS 存储卡读卡器为 USB：\
                 同一根线上的组合是可靠的测试对象，市面上未必买得到"
                .into(),
            en: "The framing was checked by Debian's independent libccid driver (against a simulator), the memory-card \
                 commands are those of the ACS manuals. Readers with this serial framing are made for CPU cards, and the \
                 ACS memory-card readers are USB: the two on one wire are a legitimate test peer, not a product that one \
                 is sure to find"
                .into(),
        },
    }
}
