//! Which operations may be open on one meter at the same time (R7).

use super::{OpId, OpKind, OpState};

/// An operation that is open on a meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenOp {
    /// Which.
    pub id: OpId,
    /// What it writes a card for.
    pub kind: OpKind,
    /// Where it stands; one that has ended does not count.
    pub state: OpState,
}

/// What opening an operation means for those that are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Opening {
    /// A prepared sale that is to be cancelled: the account gets another card.
    pub cancels: Option<OpId>,
    /// An authorised sale whose number and quantity the new operation must take, and which goes only forward from now on
    /// (R8).
    pub takes_over: Option<OpId>,
}

/// R7: another operation is open on the meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("another operation is open on this meter")]
pub struct OpenRefusal {
    /// Which.
    pub open: OpId,
}

impl OpenRefusal {
    /// Stable code for people-facing texts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "sale.open"
    }
}

/// Whether an operation of `kind` may be opened on a meter beside those that are open.
///
/// One sale at a time, and none beside a replacement. One replacement (or re-issue, or first card) at a time; beside a sale
/// it takes over. A clear ends all numbers, so nothing may be open. A restore belongs to an authorised operation. Preset
/// and check cards concern no purchase.
pub fn may_open(kind: OpKind, open: &[OpenOp]) -> Result<Opening, OpenRefusal> {
    let find = |wanted: &dyn Fn(&OpenOp) -> bool| open.iter().find(|op| op.state.is_open() && wanted(op)).copied();
    let writes_purchase = |kind: OpKind| matches!(kind, OpKind::Reissue | OpKind::Replace | OpKind::Open);
    let in_the_way = match kind {
        OpKind::Sale => find(&|op| op.kind == OpKind::Sale || writes_purchase(op.kind) || op.kind == OpKind::Clear),
        OpKind::Reissue | OpKind::Replace | OpKind::Open => {
            find(&|op| writes_purchase(op.kind) || op.kind == OpKind::Clear)
        }
        OpKind::Clear => find(&|_| true),
        OpKind::Restore => find(&|op| op.kind == OpKind::Restore),
        OpKind::Preset | OpKind::Check => None,
    };
    if let Some(op) = in_the_way {
        return Err(OpenRefusal { open: op.id });
    }
    let sale = find(&|op| op.kind == OpKind::Sale && writes_purchase(kind));
    Ok(match sale {
        Some(op) if op.state == OpState::Prepared => Opening { cancels: Some(op.id), takes_over: None },
        Some(op) => Opening { cancels: None, takes_over: Some(op.id) },
        None => Opening::default(),
    })
}
