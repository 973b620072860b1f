//! What must hold: one query for each invariant, in `sql/<id>.sql`.
//!
//! Such a query yields a row for each thing that is compared: `kind` and `subject` (what and which one), `broken`, `facts`
//! (both sides of the comparison) and figures to add up. `$1` is the organisation. The figures are counted in one pass that
//! keeps no rows; only when something is broken are the rows themselves asked for, a bounded number of them.

use dianka_domain::ledger::LedgerAccount;

/// An invariant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Invariant {
    pub(super) id: &'static str,
    compares: &'static str,
    /// Name and aggregate of each figure of the report.
    figures: &'static [(&'static str, &'static str)],
}

macro_rules! invariants {
    ($( $id:literal { $( $name:literal = $sum:literal ),* } )*) => {
        pub(super) const ALL: &[Invariant] = &[ $( Invariant {
            id: $id,
            compares: include_str!(concat!("sql/", $id, ".sql")),
            figures: &[ $( ($name, $sum) ),* ],
        } ),* ];
    };
}

invariants! {
    "ledger.balance" {
        "debit_fen" = "sum(debit_fen)", "credit_fen" = "sum(credit_fen)",
        "debit_wh" = "sum(debit_wh)", "credit_wh" = "sum(credit_wh)"
    }
    "ledger.postings" { "revenue_fen" = "-sum(revenue)", "on_cards_wh" = "-sum(on_cards)" }
    "cash.place" { "taken_fen" = "sum(due_fen)", "posted_fen" = "sum(posted_fen)" }
    "energy.posted" { "posted_wh" = "sum(posted_wh)", "taken_wh" = "sum(taken_wh)", "on_card_wh" = "sum(on_card_wh)" }
    "meter.returned" {}
    "meter.proven" {}
    "card.image" {}
    "card.current" {}
    "count.sequence" {}
    "count.unused" {}
    "sale.state" { "open" = "sum(open)", "committed" = "sum(committed)", "voided" = "sum(voided)" }
    "sale.open" {}
    "sale.outcome" {}
    "sale.figures" { "energy_wh" = "sum(energy_wh)", "amount_fen" = "sum(amount_fen)" }
    "sale.card" {}
    "replacement.state" {}
    "ticket.chain" { "tickets" = "sum(tickets)" }
    "token.sequence" {}
    "receipt.sequence" {}
    "receipt.counter" {}
    "receipt.document" {}
    "receipt.copies" {}
    "rollup.day" {
        "sold_wh" = "sum(sold_wh)", "rollup_wh" = "sum(rollup_wh)",
        "sold_fen" = "sum(sold_fen)", "rollup_fen" = "sum(rollup_fen)"
    }
    "rollup.month" {
        "sold_wh" = "sum(sold_wh)", "rollup_wh" = "sum(rollup_wh)",
        "sold_fen" = "sum(sold_fen)", "rollup_fen" = "sum(rollup_fen)"
    }
    "account.totals" {}
    "account.pending" { "pending_wh" = "sum(pending_wh)" }
    "meter.owner" {}
    "area.tree" {}
}

impl Invariant {
    fn rows(&self) -> String {
        let accounts: Vec<String> = LedgerAccount::ALL.iter().map(|account| account.code().to_string()).collect();
        self.compares.replace("{accounts}", &accounts.join(", "))
    }

    /// Counts what is compared and what is broken, and adds up the figures.
    pub(super) fn counting(&self) -> String {
        let figures: Vec<String> =
            self.figures.iter().map(|(name, sum)| format!("'{name}', coalesce({sum}, 0)")).collect();
        // A comparison that is neither true nor false is no proof.
        format!(
            "SELECT count(*) AS compared, count(*) FILTER (WHERE broken IS NOT FALSE) AS broken, \
             jsonb_build_object({}) AS figures FROM ({}) compared_rows",
            figures.join(", "),
            self.rows()
        )
    }

    /// The broken rows, at most `$2`.
    pub(super) fn listing(&self) -> String {
        format!(
            "SELECT kind, subject, facts FROM ({}) compared_rows WHERE broken IS NOT FALSE \
             ORDER BY subject, facts::text LIMIT $2",
            self.rows()
        )
    }
}
