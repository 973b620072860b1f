//! Pages with a clerk before them: quote, take the cash, send the sale until something is known for sure.

use dianka_domain::card::CardImage;
use uuid::Uuid;

use crate::db::NewSale;

/// A quote, as the page keeps it.
#[derive(Debug, Clone)]
pub struct Quote {
    /// Everything that is decided. Its id is the client's own.
    pub new: NewSale,
    /// The whole card that was quoted for.
    pub before: CardImage,
    /// When, by the server's clock.
    pub at: i64,
}

/// How far a page has come.
#[derive(Debug, Clone)]
pub enum Phase {
    /// Wants to sell.
    Wanting,
    /// Waits for a quote.
    Asking,
    /// Has one.
    Quoted(Box<Quote>),
    /// The cash is taken; so many requests are on their way.
    Sent(Box<Quote>, u32),
    /// The server says that it is sold.
    Sold(Uuid),
    /// The server says that it is not, and no request is left that could change that.
    NotSold,
}

/// A page.
#[derive(Debug, Clone)]
pub struct Client {
    /// Whose account.
    pub customer: usize,
    /// At which counter.
    pub station: usize,
    /// kWh.
    pub kwh: i64,
    /// How far it is.
    pub phase: Phase,
    /// An answer said no; it counts when no request is left.
    pub refused: bool,
    /// An answer was lost, or was "later".
    pub unknown: bool,
    /// The customer's money is in the drawer, fen.
    pub cash: i64,
}

/// What a page hears.
#[derive(Debug, Clone)]
pub enum Answer {
    /// It is sold, or was.
    Sold(Uuid),
    /// It is not, for this reason.
    Refused(String),
    /// Try again.
    Later,
}
