//! What the driver says about itself.

use dianka_sdk::reader::driver::{Description, Text};
use dianka_sdk::reader::{Parity, Settings};

use crate::wire::Envelope;

/// 115200 8N2, the only speed that GemPC Twin readers start with.
pub const GEMPC: Settings = Settings { baud: 115_200, data_bits: 8, parity: Parity::None, stop_bits: 2 };
/// 9600 8N1, the speed that ACS serial readers start with.
pub const ACS: Settings = Settings { baud: 9600, data_bits: 8, parity: Parity::None, stop_bits: 1 };

/// The line of an envelope.
#[must_use]
pub const fn line(envelope: Envelope) -> Settings {
    match envelope {
        Envelope::GemPc => GEMPC,
        Envelope::Acs => ACS,
    }
}

/// The description.
#[must_use]
pub fn describe() -> Description {
    Description {
        id: "ccid-serial".into(),
        version: if cfg!(feature = "next") { "1.0.1" } else { env!("CARGO_PKG_VERSION") }.into(),
        name: Text {
            zh: "串口 CCID 读卡器（GemPC Twin 与 ACS 帧格式）".into(),
            en: "Serial CCID reader (GemPC Twin and ACS framing)".into(),
        },
        models: ["GemPC Twin", "GemCore POS Pro", "GemCore SIM Pro", "ACS ACR122S", "ACS ACR1281S"]
            .map(str::to_owned)
            .to_vec(),
        chips: ["sle4442", "sle4428", "at24c02"].map(str::to_owned).to_vec(),
        line: vec![GEMPC, ACS],
        reads_error_counter: true,
        changes_code: true,
        evidence: Text {
            zh: "GemPC Twin 帧格式与 SLE4442 命令经独立的 Debian libccid 驱动验证（对模拟器）；存储卡命令依据 ACS 手册\
                 （ACR38x-CCID v6.04、ACR39x v1.03）；ACS 帧格式依据 ACR122S 手册 v2.01，其向量系计算所得。\
                 SLE4428 改密码、AT24C02 识别系推算。说这种串口协议的读卡器多为 CPU 卡设计，ACS 存储卡读卡器为 USB：\
                 同一根线上的组合是可靠的测试对象，市面上未必买得到"
                .into(),
            en: "The GemPC Twin framing and the SLE4442 commands were checked by Debian's independent libccid driver \
                 (against a simulator), the memory-card commands are those of the ACS manuals (ACR38x-CCID v6.04, ACR39x \
                 v1.03); the ACS framing is that of the ACR122S manual v2.01, its vectors computed. How an SLE4428's \
                 password is changed and an AT24C02 recognised is computed from the chips' data sheets. Readers with this \
                 serial framing are made for CPU cards, and the ACS memory-card readers are USB: the two on one wire are \
                 a legitimate test peer, not a product that one is sure to find"
                .into(),
        },
    }
}
