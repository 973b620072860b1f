//! Planted defects: each takes one rule away from what the simulation puts around the shipping code, never from that code.

/// A planted defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Defect {
    /// R1: the ticket leaves before the sale is durable.
    TicketFirst,
    /// R2, R3: a station writes whatever card is in, as soon as it gets a ticket.
    BlindWrite,
    /// R3: a ticket of a dead session is begun.
    DeadSession,
    /// The changed bytes are written under a valid seal, in ascending order.
    NoSeal,
    /// The seal is written before the body.
    SealFirst,
    /// R5: voided as soon as the server sees the old card, with no promise from anybody.
    VoidOnSight,
    /// A sale that has waited for long is voided.
    VoidByClock,
    /// The commit does not compare the newest ticket's epoch when it is stored.
    ConfirmIgnoresEpoch,
    /// The void does not compare the newest ticket's epoch when it is stored.
    VoidIgnoresEpoch,
    /// R6: a result of an old ticket is judged as one of the newest.
    StaleResult,
    /// R12: whatever a station reports after beginning to write is taken for done.
    StationsWord,
    /// The journal is not synced.
    NotSynced,
    /// A result is said once.
    ResultOnce,
    /// A failed presentation is tried again in the same power-up.
    PresentAgain,
    /// The last try is used.
    LastTry,
    /// Receipt numbers are drawn before it is known that one is needed.
    ReceiptGap,
    /// A repeated confirmation posts again.
    PostsTwice,
    /// R7: two sales of one account may be open.
    TwoOpen,
    /// A repeated request sells again.
    BeginTwice,
    /// R9: sold over a purchase that the meter has not taken.
    SellOverUnused,
    /// What any meter returned counts.
    OtherMetersWord,
    /// A card is quoted for while the result of a ticket for it is not known.
    QuoteWhileWriting,
    /// A torn new card is the first sale's that it fits.
    AnyTornCard,
    /// The price of now is taken for a sale that was quoted before.
    PriceOfNow,
}

impl Defect {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::TicketFirst,
        Self::BlindWrite,
        Self::DeadSession,
        Self::NoSeal,
        Self::SealFirst,
        Self::VoidOnSight,
        Self::VoidByClock,
        Self::ConfirmIgnoresEpoch,
        Self::VoidIgnoresEpoch,
        Self::StaleResult,
        Self::StationsWord,
        Self::NotSynced,
        Self::ResultOnce,
        Self::PresentAgain,
        Self::LastTry,
        Self::ReceiptGap,
        Self::PostsTwice,
        Self::TwoOpen,
        Self::BeginTwice,
        Self::SellOverUnused,
        Self::OtherMetersWord,
        Self::QuoteWhileWriting,
        Self::AnyTornCard,
        Self::PriceOfNow,
    ];

    /// Those that need several rare things at once: looked for in long runs, not in every commit's.
    pub const RARE: [Self; 2] = [Self::VoidIgnoresEpoch, Self::QuoteWhileWriting];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> String {
        format!("{self:?}")
    }
}
