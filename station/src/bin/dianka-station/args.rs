//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// A workstation's card reader, dialled in to its server / 工作站读卡器程序，连接售电服务器
#[derive(Debug, Parser)]
#[command(name = "dianka-station", version)]
pub(crate) struct Cli {
    /// Language of the messages; LANG decides when absent / 提示语言，缺省取 LANG
    #[arg(long, global = true, value_enum)]
    pub(crate) lang: Option<Language>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// 中文
    Zh,
    /// English
    En,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serves this workstation until it is stopped / 运行工作站
    Run(Box<Run>),
    /// Asks who answers at a port. Exit code: 0 found, 2 wrong driver, 3 busy, 4 no answer, 5 no permission, 6 absent
    /// / 测试端口；退出码：0 找到，2 驱动不符，3 端口被占用，4 无应答，5 无权限，6 端口不存在
    TestPort(TestPort),
    /// Lists the serial ports of this machine / 列出本机串口
    Ports,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The server, ws://host:port/api/v1/stations/link / 服务器地址
    #[arg(long)]
    pub(crate) server: String,
    /// The workstation's token, as the server showed it once / 工作站令牌
    #[arg(long, env = "DIANKA_STATION_TOKEN", hide_env_values = true)]
    pub(crate) token: String,
    /// Serial port of the reader / 读卡器串口
    #[arg(long, conflicts_with = "virtual_reader")]
    pub(crate) port: Option<String>,
    /// Reader driver; a virtual reader speaks what it is for / 读卡器驱动；虚拟读卡器使用相应协议
    #[arg(long, default_value = "ccid-serial")]
    pub(crate) driver: String,
    /// Bits per second; the driver's proposal when absent / 波特率，缺省由驱动决定
    #[arg(long)]
    pub(crate) baud: Option<u32>,
    /// A name for the list of stations / 工作站名称
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Learning mode: a virtual reader on the bench / 学习模式：使用虚拟读卡器
    #[arg(long = "virtual")]
    pub(crate) virtual_reader: bool,
    /// The bench's folder, shared with the server; data/bench when absent / 学习台目录，缺省为 data/bench
    #[arg(long, requires = "virtual_reader")]
    pub(crate) bench: Option<PathBuf>,
    /// The workstation's number: of its virtual reader, and of its folder / 工作站编号
    #[arg(long, default_value_t = 1)]
    pub(crate) number: u32,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct TestPort {
    /// Serial port / 串口
    #[arg(long)]
    pub(crate) port: String,
    /// Reader driver / 读卡器驱动
    #[arg(long, default_value = "ccid-serial")]
    pub(crate) driver: String,
    /// Bits per second; the driver's proposal when absent / 波特率，缺省由驱动决定
    #[arg(long)]
    pub(crate) baud: Option<u32>,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Where things are.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The drivers that came with the program / 随程序提供的驱动目录
    #[arg(long)]
    pub(crate) drivers: Option<PathBuf>,
    /// This station's own folder: key, journal, settings. No two stations share one; data/station-<number> when absent
    /// / 本工作站的数据目录，缺省为 data/station-<编号>
    #[arg(long)]
    pub(crate) data: Option<PathBuf>,
    /// The program dianka-plugc, which prepares drivers / 驱动编译程序
    #[arg(long)]
    pub(crate) plugc: Option<PathBuf>,
}
