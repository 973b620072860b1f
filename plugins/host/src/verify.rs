//! The host's own check of a card image, before any money is taken for it. A driver's answer is input, not truth.

use dianka_domain::card::{CardImage, CheckFault, independent_check};
use dianka_plugin_package::Notice;

use crate::fault::CallError;
use crate::meter::{Content, MeterDriver};

/// Why a card image must not be sold.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum IntegrityFault {
    /// It is about a purchase, and there is none in the intent.
    #[error("the intent has no purchase")]
    NoPurchase,
    /// It cannot be written by the rules, or the host reads other numbers from it than were meant.
    #[error("the host does not find the intent on the card: {0}")]
    Check(#[from] CheckFault),
    /// The driver does not read back what it wrote.
    #[error("the driver decodes something else than it encoded")]
    RoundTrip {
        /// The intent.
        meant: Box<Content>,
        /// What the driver reads.
        found: Box<Content>,
    },
    /// The same input gave another image the second time.
    #[error("encoding the same sale twice gave two different images")]
    NotRepeatable,
    /// A card whose seal is broken must not decode.
    #[error("the image decodes although its seal has the value {value:02x}h")]
    SealIgnored {
        /// The value that is not the seal's.
        value: u8,
    },
    /// The driver gave no answer to a check.
    #[error("the image cannot be checked: {0}")]
    Call(#[from] CallError),
}

impl IntegrityFault {
    /// Stable and machine readable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoPurchase => "integrity-no-purchase",
            Self::Check(_) => "integrity-check",
            Self::RoundTrip { .. } => "integrity-round-trip",
            Self::NotRepeatable => "integrity-not-repeatable",
            Self::SealIgnored { .. } => "integrity-seal",
            Self::Call(_) => "integrity-call",
        }
    }

    /// For the screen, in both languages.
    pub fn notice(&self) -> Notice {
        let zh = match self {
            Self::NoPurchase => "待写内容中没有购电数据",
            Self::Check(_) => "系统自行读出的卡片数据与售电内容不一致，或改动了不允许写入的区域",
            Self::RoundTrip { .. } => "驱动读回的内容与所写内容不一致",
            Self::NotRepeatable => "同一笔售电两次编码的结果不同",
            Self::SealIgnored { .. } => "封印字节无效时驱动仍能解码",
            Self::Call(_) => "驱动未能完成校验",
        };
        Notice::new(self.code(), zh, self.to_string())
    }

    /// Whether the driver is to blame for a wrong answer, and not only for none.
    fn is_wrong_answer(&self) -> bool {
        !matches!(self, Self::NoPurchase | Self::Call(CallError::Fault(_) | CallError::Quarantined(_)))
    }
}

/// Checks that `target` is what the sale of `content` over `before` must look like:
///
/// 1. only bytes change that the layout lets the host write, and quantity, purchase number and meter number as the host
///    reads them by the field map are those of the intent;
/// 2. encoding once more gives the same bytes;
/// 3. a fresh instance decodes `target` to `content`; returned data are the meter's, and count only if `content` names
///    them;
/// 4. with any of the seal's 255 other values the image does not decode.
///
/// A wrong answer takes the driver out of service before this returns.
pub fn verify_encode(
    driver: &MeterDriver,
    content: &Content,
    before: &CardImage,
    target: &CardImage,
) -> Result<(), IntegrityFault> {
    let verdict = examine(driver, content, before, target);
    if let Err(fault) = &verdict
        && fault.is_wrong_answer()
    {
        driver.report_integrity_fault(fault);
    }
    verdict
}

fn examine(
    driver: &MeterDriver,
    content: &Content,
    before: &CardImage,
    target: &CardImage,
) -> Result<(), IntegrityFault> {
    let layout = &driver.describe().layout;
    let purchase = content.purchase.as_ref().ok_or(IntegrityFault::NoPurchase)?;
    independent_check(before, target, layout, purchase.quantity_wh, purchase.count, purchase.meter_no)?;
    if driver.encode_unguarded(content, before)? != *target {
        return Err(IntegrityFault::NotRepeatable);
    }
    let mut found = driver.decode(target)?;
    if content.returned.is_none() {
        found.returned = None;
    }
    if found != *content {
        return Err(IntegrityFault::RoundTrip { meant: Box::new(content.clone()), found: Box::new(found) });
    }
    seal_is_heeded(driver, target)
}

fn seal_is_heeded(driver: &MeterDriver, target: &CardImage) -> Result<(), IntegrityFault> {
    let layout = &driver.describe().layout;
    let broken: Vec<(u8, CardImage)> = (0..=u8::MAX)
        .filter(|value| *value != layout.seal_value)
        .map(|value| (value, with_byte(target, layout.seal_offset, value)))
        .collect();
    let images: Vec<CardImage> = broken.iter().map(|(_, image)| image.clone()).collect();
    let answers = driver.decode_each(&images)?;
    let decoded = broken.iter().zip(&answers).find(|(_, answer)| answer.is_ok());
    decoded.map_or(Ok(()), |((value, _), _)| Err(IntegrityFault::SealIgnored { value: *value }))
}

fn with_byte(image: &CardImage, offset: u32, value: u8) -> CardImage {
    let bytes = image.bytes().iter().zip(0_u32..);
    CardImage::new(bytes.map(|(byte, at)| if at == offset { value } else { *byte }).collect())
}
