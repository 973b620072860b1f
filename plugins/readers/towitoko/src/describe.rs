//! What the driver says about itself.

use dianka_sdk::reader::driver::{Description, Text};
use dianka_sdk::reader::{Parity, Settings};

/// 9600 8E2, the speed after power-up; this driver stays at it.
pub const LINE: Settings = Settings { baud: 9600, data_bits: 8, parity: Parity::Even, stop_bits: 2 };
/// 9600 8N1: Kartenzwerg.
pub const KARTENZWERG: Settings = Settings { baud: 9600, data_bits: 8, parity: Parity::None, stop_bits: 1 };
/// Where another program may have left the reader.
pub const FAST: Settings = Settings { baud: 115_200, ..LINE };

/// The description.
#[must_use]
pub fn describe() -> Description {
    Description {
        id: "towitoko".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        name: Text { zh: "Towitoko Chipdrive 串口读卡器".into(), en: "Towitoko Chipdrive, serial".into() },
        models: [
            "Chipdrive Extern II",
            "Chipdrive Twin",
            "Chipdrive Extern I",
            "Chipdrive Intern",
            "Kartenzwerg",
            "Kartenzwerg II",
            "Chipdrive Micro",
        ]
        .map(str::to_owned)
        .to_vec(),
        chips: ["sle4442", "sle4428", "at24c02"].map(str::to_owned).to_vec(),
        line: vec![LINE, FAST, KARTENZWERG],
        reads_error_counter: true,
        changes_code: true,
        evidence: Text {
            zh: "SLE4442 的命令与独立的 libtowitoko 驱动所发一致（对模拟器的录音逐字节重放）；openct 的驱动协议相同。没有公开手册。\
                 SLE4428 与 I2C 命令取自上述公开驱动的事实与芯片资料，未曾运行验证；未在实物上验证"
                .into(),
            en: "The SLE4442 commands are those that the independent driver libtowitoko sends (a recording of it against a \
                 simulator is replayed byte for byte); openct's driver speaks the same protocol. There is no public \
                 manual. The commands for SLE4428 and I2C are facts from those public drivers and the chips' data \
                 sheets, and were never run against either. Not tried on a real reader"
                .into(),
        },
    }
}
