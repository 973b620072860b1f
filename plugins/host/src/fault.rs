//! What can go wrong with a driver.

use dianka_plugin_package::Notice;
use wasmtime::{Error, Trap};

use crate::limits::{Stop, Tally};
use crate::meter::Refusal;

/// The driver did not do its work. Faults are the maker's or the host's business, never the customer's; they are
/// logged, counted, and lead to quarantine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It ran into a trap, or handed over something that is no value of its type.
    #[error("the driver trapped: {0}")]
    Trap(String),
    /// It used up its CPU time.
    #[error("the driver used up its CPU time ({ticks} ticks of 10 ms)")]
    Cpu {
        /// The budget.
        ticks: u32,
    },
    /// It did not come to an end in time, waiting included.
    #[error("the driver was not done after {seconds} s")]
    WallTime {
        /// The limit, whole seconds.
        seconds: u64,
    },
    /// It asked for more memory than it may have.
    #[error("the driver asked for {wanted} bytes of memory; it may have {limit}")]
    Memory {
        /// What it would have had then, bytes.
        wanted: usize,
        /// What it may have, bytes.
        limit: usize,
    },
    /// It handed over more than the host takes.
    #[error("the driver answered with too much data")]
    TooMuchData,
    /// It does not keep to its contract.
    #[error("the driver does not keep to its contract: {0}")]
    Incompatible(String),
    /// The host's own side failed.
    #[error("the driver could not be run: {0}")]
    Host(String),
}

impl Fault {
    /// Stable and machine readable, for logs, metrics and error texts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Trap(_) => "driver-trap",
            Self::Cpu { .. } => "driver-cpu",
            Self::WallTime { .. } => "driver-wall-time",
            Self::Memory { .. } => "driver-memory",
            Self::TooMuchData => "driver-too-much-data",
            Self::Incompatible(_) => "driver-incompatible",
            Self::Host(_) => "driver-host",
        }
    }

    /// For the screen, in both languages.
    pub fn notice(&self) -> Notice {
        let zh = match self {
            Self::Trap(_) => "驱动运行时崩溃".to_owned(),
            Self::Cpu { .. } => "驱动占用处理器时间过长，已被中止".to_owned(),
            Self::WallTime { seconds } => format!("驱动在 {seconds} 秒内没有完成，已被中止"),
            Self::Memory { .. } => "驱动申请的内存超出上限".to_owned(),
            Self::TooMuchData => "驱动返回的数据过多".to_owned(),
            Self::Incompatible(_) => "驱动不符合接口约定".to_owned(),
            Self::Host(_) => "驱动无法运行".to_owned(),
        };
        Notice::new(self.code(), zh, self.to_string())
    }

    /// While a component is loaded and linked, what fails is the component's shape.
    pub(crate) fn while_linking(error: &Error) -> Self {
        Self::Incompatible(format!("{error:#}"))
    }

    /// What ended an instantiation or a call.
    pub(crate) fn while_running(error: &Error, tally: &Tally) -> Self {
        match error.downcast_ref::<Stop>() {
            Some(Stop::Cpu(ticks)) => return Self::Cpu { ticks: *ticks },
            Some(Stop::Wall(wall)) => return Self::WallTime { seconds: wall.as_secs() },
            None => {}
        }
        if let Some(wanted) = tally.memory_denied() {
            return Self::Memory { wanted, limit: crate::limits::MEMORY_BYTES };
        }
        let text = format!("{error:#}");
        // The engine has no public type for this one.
        if text.contains("fuel allocated for hostcalls has been exhausted") {
            return Self::TooMuchData;
        }
        match error.downcast_ref::<Trap>() {
            Some(trap) => Self::Trap(trap.to_string()),
            None => Self::Trap(text),
        }
    }
}

/// Why a call of a meter driver gave no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CallError {
    /// An answer: the input was understood and is not acceptable. The only one that is the customer's business.
    #[error("refused: {0}")]
    Refusal(Refusal),
    /// The driver failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The driver was taken out of service; cards that it sold can still be read.
    #[error("the driver is in quarantine: {0}")]
    Quarantined(Notice),
}
