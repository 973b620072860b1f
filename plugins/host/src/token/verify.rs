//! The host's own check of a token, before any money is taken for it. A driver's answer is input, not truth.

use dianka_keys::{KeyProvider, KeyRule, dkga04};
use dianka_plugin_package::Notice;

use super::order::{Prepared, Token, TokenContent, TokenError, TokenOrder, TokenRequest};
use super::{TokenFacts, reading};
use crate::fault::CallError;
use crate::meter::MeterDriver;

/// Why a token must not be sold.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TokenFault {
    /// The digits are not such as the standard has them.
    #[error("the digits are no token of this standard")]
    Digits,
    /// The kind is not among those that the driver declares, or the class of the token is another one's.
    #[error("the token is of class {found}; {kind:?} is not")]
    Class {
        /// The kind that was meant.
        kind: String,
        /// The class in the digits.
        found: u8,
    },
    /// The host reads another energy from it than was meant.
    #[error("the host reads {found:?} Wh from the token; {meant} Wh were meant")]
    Amount {
        /// Wh of the intent.
        meant: i64,
        /// Wh that the host reads by the published rule; none = nothing.
        found: Option<i64>,
    },
    /// The identifier is not the one that the driver told, or not greater than the last one.
    #[error("the host reads identifier {found:?} from the token; the driver says {told}, after {after:?}")]
    Identifier {
        /// What the driver told.
        told: u64,
        /// What the host reads.
        found: Option<i64>,
        /// The last token's.
        after: Option<u64>,
    },
    /// The key is another meter's.
    #[error("the key of the token is not the key of the meter")]
    OtherMeter,
    /// The same input gave another token the second time.
    #[error("making the same token twice gave two different ones")]
    NotRepeatable,
    /// The driver does not read back what it made.
    #[error("the driver reads something else from the token than was meant")]
    RoundTrip {
        /// The intent.
        meant: Box<TokenOrder>,
        /// What the driver reads.
        found: Box<TokenContent>,
    },
    /// The driver or the key provider gave no answer to a check.
    #[error("the token cannot be checked: {0}")]
    Call(#[from] TokenError),
}

impl From<CallError> for TokenFault {
    fn from(error: CallError) -> Self {
        Self::Call(error.into())
    }
}

impl TokenFault {
    /// Stable and machine readable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Digits => "integrity-digits",
            Self::Class { .. } => "integrity-class",
            Self::Amount { .. } => "integrity-amount",
            Self::Identifier { .. } => "integrity-identifier",
            Self::OtherMeter => "integrity-other-meter",
            Self::NotRepeatable => "integrity-not-repeatable",
            Self::RoundTrip { .. } => "integrity-round-trip",
            Self::Call(_) => "integrity-call",
        }
    }

    /// For the screen, in both languages.
    pub fn notice(&self) -> Notice {
        let zh = match self {
            Self::Digits => "代码的位数或数值不符合标准",
            Self::Class { .. } => "代码的类别与售电内容不一致",
            Self::Amount { .. } => "系统自行读出的电量与售电内容不一致",
            Self::Identifier { .. } => "代码的标识号与驱动所报的不一致，或不大于上一个",
            Self::OtherMeter => "代码的密钥不属于该电表",
            Self::NotRepeatable => "同一笔售电两次生成的代码不同",
            Self::RoundTrip { .. } => "驱动读回的内容与所售内容不一致",
            Self::Call(_) => "驱动或密钥未能完成校验",
        };
        Notice::new(self.code(), zh, self.to_string())
    }

    /// Whether the driver is to blame for a wrong answer, and not only for none.
    fn is_wrong_answer(&self) -> bool {
        match self {
            Self::Call(TokenError::Call(error)) => matches!(error, CallError::Refusal(_)),
            Self::Call(TokenError::NoTokens | TokenError::Key(_)) => false,
            _ => true,
        }
    }
}

/// Checks that `token` is what `request` asked for:
///
/// 1. it has the standard's number of digits, and the class in them is the kind's;
/// 2. the key is derived for this very meter: the host reads the data of the derivation itself where it knows how
///    (`dkga04`), and `key` and `prepare` agree;
/// 3. making it once more gives the same digits;
/// 4. decrypted, the energy of a credit as the host reads it by the published rule is that of the request, and the
///    identifier is the one that the driver told, above the last one;
/// 5. the driver reads from it what was asked for.
///
/// A wrong answer takes the driver out of service before this returns.
///
/// # Errors
/// See [`TokenFault`].
pub fn verify_token(
    driver: &MeterDriver,
    request: &TokenRequest,
    token: &Token,
    keys: &dyn KeyProvider,
) -> Result<(), TokenFault> {
    let verdict = examine(driver, request, token, keys);
    if let Err(fault) = &verdict
        && fault.is_wrong_answer()
    {
        driver.condemn(fault.notice());
    }
    verdict
}

fn examine(
    driver: &MeterDriver,
    request: &TokenRequest,
    token: &Token,
    keys: &dyn KeyProvider,
) -> Result<(), TokenFault> {
    let facts = driver.token_facts().ok_or(TokenError::NoTokens)?;
    let (class, cipher_block) = reading::dissect(facts, &token.digits).ok_or(TokenFault::Digits)?;
    let (kind, _) = request.order.parts();
    if facts.kind(kind).is_none_or(|known| known.class != class) {
        return Err(TokenFault::Class { kind: kind.to_owned(), found: class });
    }
    let prepared = driver.prepare_token(request)?;
    let rule = driver.token_key(&request.meter)?;
    if rule != prepared.key || !names_meter(&rule, request.meter.meter_no) {
        return Err(TokenFault::OtherMeter);
    }
    if driver.token_unguarded(request, keys)? != *token {
        return Err(TokenFault::NotRepeatable);
    }
    let block = keys.decrypt(&rule, &cipher_block).map_err(TokenError::from)?;
    numbers(facts, request, &prepared, &block)?;
    let found = driver.read_token(&request.meter, &token.digits, keys)?;
    if (&found.order, found.identifier) != (&request.order, token.identifier) {
        return Err(TokenFault::RoundTrip { meant: Box::new(request.order.clone()), found: Box::new(found) });
    }
    Ok(())
}

/// The numbers that money depends on, as the host reads them.
fn numbers(facts: &TokenFacts, request: &TokenRequest, prepared: &Prepared, block: &[u8]) -> Result<(), TokenFault> {
    if let TokenOrder::Credit { quantity_wh } = &request.order {
        let (meant, found) = (quantity_wh.wh(), reading::number(&facts.amount, block));
        if found != Some(meant) {
            return Err(TokenFault::Amount { meant, found });
        }
    }
    let (told, after) = (prepared.identifier, request.after);
    let found = reading::number(&facts.identifier, block);
    let same = found.and_then(|found| u64::try_from(found).ok()) == Some(told);
    if same && after.is_none_or(|after| told > after) {
        return Ok(());
    }
    Err(TokenFault::Identifier { told, found, after })
}

/// Whether the derivation is for this meter, where the host can read that. Another derivation has only the driver's word.
fn names_meter(rule: &KeyRule, meter_no: u64) -> bool {
    if rule.algorithm != dkga04::NAME {
        return true;
    }
    dkga04::Subject::parse(&rule.data).is_ok_and(|subject| subject.meter_no() == Some(meter_no))
}
