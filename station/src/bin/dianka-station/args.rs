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
    /// Enrols this computer as a workstation, with the one-time code that the server's page shows
    /// / 用服务器页面显示的一次性注册码登记本机
    Enrol(Enrol),
    /// Serves this workstation until it is stopped. Exit code 78: the server refuses it for good
    /// / 运行工作站；退出码 78：服务器不再接受本工作站
    Run(Box<Run>),
    /// Says how the running workstation stands. Exit code: 0 connected, 1 not connected, 3 not running
    /// / 显示运行中的工作站状态；退出码：0 已连接，1 未连接，3 未运行
    Status(Status),
    /// Checks everything in order and says what to do next. Exit code: 0 all is well, 1 something is wrong
    /// / 逐项检查并给出处理办法；退出码：0 正常，1 有问题
    Doctor(Doctor),
    /// Asks who answers at a port. Exit code: 0 found, 2 wrong driver, 3 busy, 4 no answer, 5 no permission, 6 absent
    /// / 测试端口；退出码：0 找到，2 驱动不符，3 端口被占用，4 无应答，5 无权限，6 端口不存在
    TestPort(TestPort),
    /// Lists the serial ports of this machine / 列出本机串口
    Ports,
}

#[derive(Debug, Args)]
pub(crate) struct Enrol {
    /// The server, https://host; http:// on this computer only / 服务器地址；http:// 只限本机
    #[arg(long)]
    pub(crate) server: String,
    /// The one-time code / 一次性注册码
    #[arg(long, env = "DIANKA_STATION_CODE", hide_env_values = true)]
    pub(crate) code: String,
    /// Certificates (PEM) to believe; those of this computer when absent / 信任的证书（PEM），缺省用本机的
    #[arg(long)]
    pub(crate) ca: Option<PathBuf>,
    /// Lets the line leave this computer in clear / 允许明文连接离开本机
    #[arg(long)]
    pub(crate) insecure_lan: bool,
    #[command(flatten)]
    pub(crate) data: Data,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Serial port of the reader; what the page has set when absent / 读卡器串口，缺省用页面上的设置
    #[arg(long, conflicts_with = "virtual_reader")]
    pub(crate) port: Option<String>,
    /// Reader driver; a virtual reader speaks what it is for / 读卡器驱动；虚拟读卡器使用相应协议
    #[arg(long, default_value = "ccid-serial")]
    pub(crate) driver: String,
    /// Bits per second; the driver's proposal when absent / 波特率，缺省由驱动决定
    #[arg(long)]
    pub(crate) baud: Option<u32>,
    /// Learning mode: a virtual reader on the bench / 学习模式：使用虚拟读卡器
    #[arg(long = "virtual")]
    pub(crate) virtual_reader: bool,
    /// The bench's folder, shared with the server; data/bench when absent / 学习台目录，缺省为 data/bench
    #[arg(long, requires = "virtual_reader")]
    pub(crate) bench: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) data: Data,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    /// As JSON / 输出 JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) data: Data,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    pub(crate) data: Data,
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
    pub(crate) data: Data,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// The station's own folder.
#[derive(Debug, Args)]
pub(crate) struct Data {
    /// This station's own folder: keys, journal, settings. No two stations share one / 本工作站的数据目录
    #[arg(long = "data", env = "DIANKA_STATION_DATA", default_value = "data/station")]
    pub(crate) dir: PathBuf,
}

/// Where things are.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The drivers that came with the program / 随程序提供的驱动目录
    #[arg(long)]
    pub(crate) drivers: Option<PathBuf>,
    /// The program dianka-plugc, which prepares drivers / 驱动编译程序
    #[arg(long)]
    pub(crate) plugc: Option<PathBuf>,
}
