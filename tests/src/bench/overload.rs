//! Ten times as many clients as the server admits.

use dianka_tests::Failure;

use super::ground::Site;
use dianka_tests::figures::table::{Aim, Table};

/// Clients at once; with four sessions the server admits 32.
const CLIENTS: u32 = 320;

pub async fn measure(site: &mut Site<'_, '_>, number: u32, table: &mut Table) -> Result<(), Failure> {
    let before = site.sales_stored().await?;
    let outcome = site.fire(true, number, CLIENTS).await?;
    let stored = site.sales_stored().await?.saturating_sub(before);
    let turned_away: u32 = outcome
        .other
        .iter()
        .filter(|(kind, _)| kind.starts_with("503 ") && kind.ends_with("Retry-After"))
        .map(|(_, n)| n)
        .sum();
    let others: Vec<String> = outcome.other.iter().map(|(kind, n)| format!("{n} x {kind}")).collect();
    table.note(format!(
        "overload: {CLIENTS} clients that never pause, 4 sessions: {} authorised, {stored} stored, {}",
        outcome.authorised,
        others.join(", ")
    ));
    // Stored and yet answered with 503 is neither: the same request, sent again, is answered with the same sale.
    let lost = outcome.authorised.saturating_sub(stored);
    let doubled = stored.saturating_sub(outcome.authorised.saturating_add(turned_away));
    let strange = number.saturating_sub(turned_away).saturating_sub(outcome.authorised);
    let wrong = f64::from(lost) + f64::from(doubled) + f64::from(strange);
    table.add(
        "overload x 10: sales lost or doubled, answers other than 200 and 503",
        Aim::AtMost(0.0),
        "",
        vec![wrong],
    );
    let ratio = outcome.percentile(99).as_secs_f64() / outcome.percentile(50).as_secs_f64();
    table.add("overload x 10: p99 of the accepted against their p50", Aim::AtMost(4.0), " x", vec![ratio]);
    Ok(())
}
