//! What the database reads for a sale.

use super::fixture::world;

/// Sessions keep the plans that they made while the books were empty (nothing analyses these tables here).
#[tokio::test]
async fn plans_made_on_empty_books_serve_full_ones() {
    const SALES: i64 = 400;
    // Far above what is needed (about 15, and some dead rows of the open sale), far below the hundreds of a wrong plan.
    const MOST: i64 = SALES * 60;
    let (db, books) = world().await;
    let mut accounts = Vec::new();
    for number in 1..=40 {
        accounts.push(books.account(&format!("{number:08}")).await);
    }
    for _ in 0..SALES / 40 {
        for account in &accounts {
            books.sell(account, 10).await;
        }
    }
    // Sessions hand in their counts of what they read within a second or so.
    let counted = "SELECT coalesce(sum(n_tup_ins), 0)::int8 FROM pg_stat_user_tables WHERE relname = 'sale'";
    let read = "SELECT sum(seq_tup_read + idx_tup_fetch)::int8 FROM pg_stat_user_tables \
                WHERE relname IN ('sale', 'sale_open', 'sale_outcome', 'ticket', 'card_op', 'transfer')";
    let entries = "SELECT sum(idx_tup_read)::int8 FROM pg_stat_user_indexes \
                   WHERE relname IN ('sale', 'sale_open', 'sale_outcome', 'ticket', 'card_op', 'transfer')";
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    for account in accounts.iter().take(8) {
        books.sell(account, 10).await;
    }
    assert!(db.owner_number(counted).await.unwrap() >= SALES / 2, "the counts are in");
    assert!(db.owner_number(read).await.unwrap() < MOST, "whole tables are read");
    assert!(db.owner_number(entries).await.unwrap() < MOST, "whole indexes are read");
}
