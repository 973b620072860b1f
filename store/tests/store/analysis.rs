//! Rollups: folding, rebuilding, and figures that are never stale.

use chrono::NaiveDate;
use dianka_domain::tariff::Date;
use dianka_domain::units::{Money, RealEnergy};
use dianka_store::testing::TestDb;
use dianka_store::{AreaQuestion, AreaSales, PageRequest, Period, analysis_by_area, analysis_detail};
use uuid::Uuid;

use super::fixture::{Books, amount, world};

fn date(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap()
}

async fn ask(books: &Books, period: Period, parent: Option<Uuid>) -> Vec<AreaSales> {
    let question = AreaQuestion { period, from: date(10, 15), to: date(11, 30), parent };
    books.store.report(books.org, "ask", async |s| analysis_by_area(s, &question).await).await.unwrap()
}

/// Sells `kwh` and counts it on a day of our choice.
async fn sell_on(books: &Books, account: &dianka_store::Account, kwh: i64, month: u8, day: u8) -> Uuid {
    let new = books.sale(&books.read(account).await, kwh);
    books.store.sale_begin(books.org, &new).await.unwrap();
    let mut confirm = books.confirm(&new);
    confirm.day = Date::new(2026, month, day).unwrap();
    books.store.sale_confirm(books.org, &confirm).await.unwrap();
    new.sale.sale_id
}

/// Five sales in two districts, two months.
async fn some_sales(books: &Books) -> (Uuid, Uuid) {
    let one = books.account_in("40000001", books.districts[0]).await;
    let two = books.account_in("40000002", books.districts[1]).await;
    let line = books.account_in("40000003", books.line).await;
    sell_on(books, &one, 10, 10, 31).await;
    let behind = sell_on(books, &one, 20, 11, 1).await;
    sell_on(books, &two, 40, 11, 1).await;
    let newest = sell_on(books, &two, 80, 11, 22).await;
    sell_on(books, &line, 160, 11, 22).await;
    (behind, newest)
}

type Figures = Vec<(String, NaiveDate, i64, i64, Money)>;

fn figures(rows: &[AreaSales]) -> Figures {
    rows.iter().map(|r| (r.area_name.clone(), r.period, r.sales, r.energy_wh.wh() / 1000, r.amount_fen)).collect()
}

fn row(name: &str, period: NaiveDate, sold: &[i64]) -> (String, NaiveDate, i64, i64, Money) {
    let money = Money::checked_sum(sold.iter().map(|kwh| amount(*kwh))).unwrap();
    (name.to_owned(), period, i64::try_from(sold.len()).unwrap(), sold.iter().sum(), money)
}

async fn dump(db: &TestDb, table: &str, columns: &str) -> i64 {
    // A figure that changes with any row: equal dumps, equal tables.
    let sql = format!(
        "SELECT coalesce(('x' || substr(md5(string_agg(t::text, '|' ORDER BY t::text)), 1, 15))::bit(60)::int8, 0) \
         FROM (SELECT {columns} FROM {table}) t"
    );
    db.owner_number(&sql).await.unwrap()
}

async fn rollups(db: &TestDb) -> [i64; 2] {
    [dump(db, "rollup_day", "*").await, dump(db, "rollup_month", "*").await]
}

#[tokio::test]
async fn figures_are_the_same_before_during_and_after_folding() {
    let (_db, books) = world().await;
    let (behind, newest) = some_sales(&books).await;
    let by_month = [row("城东线", date(10, 1), &[10]), row("城东线", date(11, 1), &[20, 40, 80, 160])];
    let below_by_day = [
        row("一台区", date(10, 31), &[10]),
        row("一台区", date(11, 1), &[20]),
        row("二台区", date(11, 1), &[40]),
        row("二台区", date(11, 22), &[80]),
        row("城东线", date(11, 22), &[160]),
    ];
    // The first pass folds all, the second finds nothing; neither changes a figure.
    for folded in [5, 0] {
        assert_eq!(figures(&ask(&books, Period::Month, None).await), by_month, "before folding {folded}");
        assert_eq!(figures(&ask(&books, Period::Day, Some(books.line)).await), below_by_day, "before folding {folded}");
        assert_eq!(books.store.rollup_fold_once().await.unwrap().folded, folded);
    }
    assert_eq!(figures(&ask(&books, Period::Month, None).await), by_month);
    let detail = books
        .store
        .report(books.org, "detail", async |s| {
            analysis_detail(s, books.line, date(11, 1), date(11, 30), PageRequest::new(1, 3)).await
        })
        .await
        .unwrap();
    assert_eq!((detail.total, detail.items.len()), (4, 3));
    assert!(detail.items.iter().any(|sale| sale.facts.sale_id == newest));
    let district = books
        .store
        .report(books.org, "detail", async |s| {
            analysis_detail(s, books.districts[0], date(11, 1), date(11, 30), PageRequest::new(1, 9)).await
        })
        .await
        .unwrap();
    assert_eq!(district.items.iter().map(|sale| sale.facts.sale_id).collect::<Vec<_>>(), [behind]);
}

#[tokio::test]
async fn folding_in_any_pieces_equals_rebuilding() {
    let (db, books) = world().await;
    let other = Books::create(&db.store, "u2").await;
    some_sales(&other).await;
    let account = books.account("40000009").await;
    for n in 1..=7 {
        sell_on(&books, &account, n, 11, u8::try_from(n).unwrap()).await;
        if n % 3 == 0 {
            books.store.rollup_fold_once().await.unwrap();
        }
    }
    books.store.rollup_fold_once().await.unwrap();
    assert_eq!(db.owner_number("SELECT count(*) FROM rollup_delta").await.unwrap(), 0);
    let folded = rollups(&db).await;
    assert_eq!(books.store.rollup_rebuild(books.org).await.unwrap(), 7);
    assert_eq!(rollups(&db).await, folded);
    // Spoilt figures and lost deltas are made right again.
    sell_on(&books, &account, 8, 11, 8).await;
    db.owner_sql("UPDATE rollup_day SET sales = sales + 1; DELETE FROM rollup_month; DELETE FROM rollup_delta")
        .await
        .unwrap();
    assert_eq!(books.store.rollup_rebuild(books.org).await.unwrap(), 8);
    assert_eq!(other.store.rollup_rebuild(other.org).await.unwrap(), 5);
    let total: i64 = ask(&books, Period::Month, None).await.iter().map(|r| r.energy_wh.wh()).sum();
    assert_eq!(RealEnergy::from_wh(total), RealEnergy::from_wh(36_000));
}

/// Folding while sales go on, on two servers at once: nothing is counted twice or lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn folding_while_selling_loses_nothing() {
    let db = TestDb::with_pool(8).await.unwrap();
    let books = Books::create(&db.store, "u1").await;
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let folders: Vec<_> = (0..2)
        .map(|_| {
            let (store, stop) = (db.store.clone(), stop.clone());
            tokio::spawn(async move {
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    store.rollup_fold_once().await.unwrap();
                }
            })
        })
        .collect();
    let account = books.account("40000001").await;
    for _ in 0..20 {
        books.sell(&account, 10).await;
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    for folder in folders {
        folder.await.unwrap();
    }
    books.store.rollup_fold_once().await.unwrap();
    assert_eq!(db.owner_number("SELECT sum(sales) FROM rollup_day").await.unwrap(), 20);
    assert_eq!(db.owner_number("SELECT sum(energy_wh) FROM rollup_month").await.unwrap(), 200_000);
}

/// Another server holds the job: this one leaves it alone, and takes it when it is free.
#[tokio::test]
async fn a_job_held_elsewhere_is_left_alone() {
    let (db, books) = world().await;
    let account = books.account("40000001").await;
    books.sell(&account, 10).await;
    let hold =
        format!("BEGIN; SELECT FROM job_lock WHERE org_id = '{}' FOR UPDATE; SELECT pg_sleep(2); COMMIT", books.org);
    let fold = async {
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
        while db.owner_number(waiting).await.unwrap() == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        let report = books.store.rollup_fold_once().await.unwrap();
        assert_eq!((report.folded, report.held_elsewhere), (0, 1));
    };
    let (held, ()) = tokio::join!(db.owner_sql(&hold), fold);
    held.unwrap();
    assert_eq!(books.store.rollup_fold_once().await.unwrap().folded, 1);
}
