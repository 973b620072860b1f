//! Sales: begun, confirmed or voided in one round trip each, and read.
//!
//! ```text
//! begin ──▶ open ──▶ confirm ──▶ committed      (evidence: the card reads as the target, or the meter has taken it)
//!             │ ▲
//!             │ └── ticket_add: a new ticket, next epoch
//!             └────▶ void ─────▶ voided         (evidence: fenced, and the card reads as before)
//!
//! sale_token ──────────▶ committed              (a token: authorised and finished at once, there is no card to wait for)
//! ```

mod begin;
mod end;
mod facts;
mod fences;
mod read;
mod tickets;
mod token;

pub(crate) use read::{joined, parsed};

pub use begin::Begun;
pub(crate) use begin::unknown_code;
pub use end::Ended;
pub use facts::{
    CardOpFacts, NewSale, NewTicket, NewTokenSale, Payment, SaleConfirm, SaleFacts, SaleKind, SaleVoid, TokenFacts,
};
pub use fences::{Fence, fence_list};
pub use read::{
    Carried, OpenSale, Sale, SaleEnd, SaleState, card_op_get, sale_by_account, sale_get, sale_open_by_account,
    sale_open_list, transfer_list,
};
pub use tickets::{Ticket, ticket_list};
pub use token::{TokenSold, token_last};
