//! Reconciliation: true on healthy books, and for each invariant a row that somebody past every wall has changed is named.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use dianka_domain::ledger::{SaleFigures, postings_adjustment, postings_begin, postings_confirm, postings_void};
use dianka_domain::units::{MeterEnergy, Multiplier, Ratio, RealEnergy};
use dianka_store::testing::TestDb;
use dianka_store::{
    Account, Acked, Alarm, AlarmEnd, CardRead, NewAdjustment, NewReconciliation, NewReplacement, NewSale, NewTicket,
    PageRequest, ReconcileOptions, ReconciliationCause, Returned, SaleConfirm, SaleFacts, SaleVoid, StoreError,
    Verdict, account_open, adjustment_add, alarm_close, alarm_list, document_print_add, invariant_ids, meter_stock_add,
    reconciliation_add, reconciliation_get, reconciliation_last, reconciliation_last_night, reconciliation_list,
};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use serde_json::json;
use uuid::Uuid;

use super::fixture::{Books, at, day, world};
use super::token_sale::{keypad, token_sale};

/// Where a meter writes, on the cards of these tests.
const RETURNED: (usize, usize) = (32, 8);
const LAYOUT: &str = r#"{"layout": {"returned": [{"offset": 32, "len": 8}]}}"#;

/// Books with something of everything.
struct World {
    db: TestDb,
    books: Books,
    /// Three sales, each taken by the meter.
    plain: Account,
    sales: Vec<NewSale>,
    reads: Vec<Uuid>,
    /// A sale voided, and its number sold again.
    voided: NewSale,
    /// When the meter had taken it.
    resold_read: Uuid,
    /// One sale taken, one open with two tickets.
    open: NewSale,
    /// An adjustment, partly used, with a multiplier.
    adjusted: Account,
    adjustment: Uuid,
    /// An account with a new card, proven; one whose new card is not written yet.
    replaced: [NewReplacement; 2],
    /// Two tokens of a keypad meter, and its account.
    tokens: Vec<Uuid>,
    keypad: Account,
    clock: i64,
}

fn figures(new: &NewSale) -> SaleFigures {
    let sale = &new.sale;
    SaleFigures {
        amount: sale.amount_fen,
        purchase: sale.energy_wh,
        adjustment_net: sale.adjustment_used_wh.checked_sub(sale.carry_wh).unwrap(),
        preset_deducted: sale.preset_deducted_wh.to_real(sale.multiplier).unwrap(),
        on_card: sale.quantity_wh.to_real(sale.multiplier).unwrap(),
    }
}

fn document(sale: &SaleFacts) -> serde_json::Value {
    json!({
        "amount_fen": sale.amount_fen.fen(), "energy_wh": sale.energy_wh.wh(), "quantity_wh": sale.quantity_wh.wh(),
        "price_micro": sale.price_micro.micro(), "count": sale.count, "name": "李雷",
    })
}

impl World {
    async fn new() -> Self {
        let (db, books) = world().await;
        let plain = books.account("00000001").await;
        let mut world = Self {
            sales: Vec::new(),
            reads: Vec::new(),
            voided: books.sale(&plain, 1),
            open: books.sale(&plain, 1),
            resold_read: Uuid::nil(),
            adjusted: plain.clone(),
            adjustment: Uuid::now_v7(),
            replaced: [0, 0].map(|_| books.replacement(&plain, &books.sale(&plain, 1))),
            tokens: Vec::new(),
            keypad: plain.clone(),
            clock: 0,
            plain,
            db,
            books,
        };
        world.fill().await;
        world
    }

    async fn fill(&mut self) {
        let plain = self.plain.clone();
        for kwh in [100, 50, 70] {
            let sale = self.sell(&plain, |books, account| books.sale(account, kwh), 0).await;
            let read = self.taken(&plain, &sale, 0).await;
            self.sales.push(sale);
            self.reads.push(read);
        }
        self.books.store.rollup_fold_once().await.unwrap();

        let account = self.books.account_in("00000002", self.books.districts[1]).await;
        self.voided = self.begin(&account, |books, account| books.sale(account, 30)).await;
        let end = SaleVoid {
            sale_id: self.voided.sale.sale_id,
            workstation_id: self.voided.sale.workstation_id,
            day: day(),
            at: self.tick(),
            evidence: json!({"read": "before"}),
            transfers: postings_void(&figures(&self.voided)).unwrap(),
        };
        self.books.store.sale_void(self.books.org, &end).await.unwrap();
        // At the other workstation, paid otherwise; with the preset deducted, which this meter counts as bought.
        let with_preset = |books: &Books, account: &Account| {
            let mut new = books.sale(account, 40);
            new.sale.workstation_id = books.workstations[1];
            new.sale.payment = dianka_store::Payment::Alipay;
            new.sale.cash_fen = None;
            new.sale.preset_deducted_wh = MeterEnergy::from_wh(12_000);
            new.sale.quantity_wh = MeterEnergy::from_wh(28_000);
            new
        };
        let sale = self.sell(&account, with_preset, 40).await;
        self.resold_read = self.taken(&account, &sale, 12_000).await;

        let account = self.books.account("00000003").await;
        let sale = self.sell(&account, |books, account| books.sale(account, 20), 0).await;
        self.taken(&account, &sale, 0).await;
        self.open = self.begin(&account, |books, account| books.sale(account, 25)).await;
        let ticket = NewTicket {
            sale_id: self.open.sale.sale_id,
            epoch: 2,
            workstation_id: self.books.workstations[1],
            session: "another".to_owned(),
            issued_at: self.tick(),
            body: json!({"epoch": 2}),
        };
        self.books.store.ticket_add(self.books.org, &ticket).await.unwrap();

        self.adjusted = self.adjusted_account().await;
        for (sale, copies) in [(&self.sales[0], 2), (&self.sales[1], 1)] {
            for _ in 0..copies {
                let (id, by, now) = (sale.sale.sale_id, self.books.operator, at(900));
                self.books
                    .store
                    .tx(self.books.org, "print", async |s| document_print_add(s, id, by, now).await)
                    .await
                    .unwrap();
            }
        }
        self.replace().await;
        self.sell_tokens().await;
        let stock = self.books.new_meter("00000099");
        self.books.store.tx(self.books.org, "stock", async |s| meter_stock_add(s, &stock).await).await.unwrap();
        // The first of these is unfolded when the check is made, the others are folded.
        let account = self.books.account_in("00000005", self.books.districts[1]).await;
        self.sell(&account, |books, account| books.sale(account, 15), 0).await;
    }

    async fn replace(&mut self) {
        let account = self.books.account("00000006").await;
        let sale = self.sell(&account, |books, account| books.sale(account, 33), 0).await;
        let proven = self.books.replacement(&self.books.read(&account).await, &sale);
        self.books.replace(&proven).await.unwrap();
        let confirm = self.books.confirm(&sale);
        let (org, op) = (self.books.org, proven.facts.op_id);
        self.books.store.replacement_confirm(org, op, &json!({"epoch": 1}), &confirm).await.unwrap();
        let account = self.books.account("00000007").await;
        let sale = self.sell(&account, |books, account| books.sale(account, 34), 0).await;
        let open = self.books.replacement(&self.books.read(&account).await, &sale);
        self.books.replace(&open).await.unwrap();
        self.replaced = [proven, open];
    }

    async fn sell_tokens(&mut self) {
        self.keypad = keypad(&self.books, "01234567891").await;
        for (kwh, after, identifier) in [(11, None, 1_000), (12, Some(1_000), 1_001)] {
            let account = self.books.read(&self.keypad).await;
            let mut new = token_sale(&self.books, &account, kwh, after, identifier);
            new.confirm.document = document(&new.sale);
            self.books.store.sale_token(self.books.org, &new).await.unwrap();
            self.tokens.push(new.sale.sale_id);
        }
    }

    /// 3000 : 100; 5 kWh are owed, a purchase of 57 kWh makes 2 kWh of meter energy with 3 of them; 2 wait on.
    async fn adjusted_account(&mut self) -> Account {
        let meter = self.books.new_meter("00000004");
        let mut new = self.books.new_account(meter.meter_id);
        (new.ct, new.multiplier) = (Ratio { primary: 150, secondary: 5 }, Multiplier::new(30).unwrap());
        let account = self
            .books
            .store
            .tx(self.books.org, "open", async |s| {
                meter_stock_add(s, &meter).await?;
                account_open(s, &new).await
            })
            .await
            .unwrap();
        let energy_wh = RealEnergy::from_wh(5000);
        let adjustment = NewAdjustment {
            adjustment_id: self.adjustment,
            account_id: account.account_id,
            energy_wh,
            reason: "表计更正".to_owned(),
            operator_id: self.books.operator,
            created_at: self.tick(),
            transfers: postings_adjustment(energy_wh).unwrap(),
        };
        self.books.store.tx(self.books.org, "adjust", async |s| adjustment_add(s, &adjustment).await).await.unwrap();
        let with_adjustment = |books: &Books, account: &Account| {
            let mut new = books.sale(account, 57);
            new.sale.quantity_wh = MeterEnergy::from_wh(2000);
            new.sale.adjustment_used_wh = RealEnergy::from_wh(5000);
            new.sale.carry_wh = RealEnergy::from_wh(2000);
            new
        };
        let sale = self.sell(&account, with_adjustment, 0).await;
        self.taken(&account, &sale, 0).await;
        account
    }

    fn tick(&mut self) -> DateTime<Utc> {
        self.clock += 1;
        at(100) + TimeDelta::seconds(self.clock)
    }

    async fn begin(&mut self, account: &Account, make: impl Fn(&Books, &Account) -> NewSale) -> NewSale {
        let account = self.books.read(account).await;
        let mut new = make(&self.books, &account);
        new.sale.created_at = self.tick();
        new.op.plan = serde_json::from_str(LAYOUT).unwrap();
        new.op.session = format!("s-{}", self.clock);
        new.op.target_image = vec![u8::try_from(self.clock).unwrap(); 256];
        new.transfers = postings_begin(&figures(&new)).unwrap();
        self.books.store.sale_begin(self.books.org, &new).await.unwrap();
        new
    }

    /// `later`: days after the others.
    async fn sell(&mut self, account: &Account, make: impl Fn(&Books, &Account) -> NewSale, later: u8) -> NewSale {
        let new = self.begin(account, make).await;
        let sale = &new.sale;
        let end = SaleConfirm {
            sale_id: sale.sale_id,
            workstation_id: sale.workstation_id,
            day: if later == 0 { day() } else { dianka_domain::tariff::Date::new(2027, 1, 1).unwrap() },
            at: self.tick(),
            evidence: json!({"read": "target"}),
            document: document(sale),
            transfers: postings_confirm(&figures(&new)).unwrap(),
        };
        self.books.store.sale_confirm(self.books.org, &end).await.unwrap();
        new
    }

    /// The meter takes the last sale, and the card comes back.
    async fn taken(&mut self, account: &Account, sale: &NewSale, preset: i64) -> Uuid {
        let account = self.books.read(account).await;
        let mut image = sale.op.target_image.clone();
        image[RETURNED.0..RETURNED.0 + RETURNED.1].fill(0xee);
        let sum = format!(
            "SELECT sum(quantity_wh) FROM sale_outcome o JOIN sale s USING (org_id, sale_id) \
             WHERE o.outcome = 'committed' AND s.account_id = '{}'",
            account.account_id
        );
        let total = self.db.owner_number(&sum).await.unwrap() + preset;
        let read = CardRead {
            read_id: Uuid::now_v7(),
            account_id: Some(account.account_id),
            card_no: account.card_no,
            workstation_id: self.books.workstations[0],
            operator_id: None,
            session: format!("later-{}", self.clock),
            kind: "purchase".to_owned(),
            image,
            tries: 3,
            returned: Some(Returned {
                count: sale.sale.count,
                remaining_wh: None,
                total_used_wh: None,
                total_purchased_wh: Some(MeterEnergy::from_wh(total)),
                overdraft_wh: None,
                power_w: None,
                status_word: None,
                details: json!({}),
            }),
            at: self.tick(),
        };
        let acked = Acked { count: sale.sale.count, period: account.period };
        self.books.store.reading_record(self.books.org, &read, Some(acked)).await.unwrap();
        read.read_id
    }

    /// What does not hold: the invariant with its rows.
    async fn found(&self) -> BTreeMap<String, Vec<String>> {
        let checked = self.books.store.reconcile(self.books.org, ReconcileOptions::default()).await.unwrap();
        let ids: Vec<_> = checked.report.findings.iter().map(|f| f.id.as_str()).collect();
        assert_eq!(ids, invariant_ids());
        let not = checked.report.findings.into_iter().filter(|f| f.verdict != Verdict::Holds);
        not.map(|finding| {
            assert_eq!(finding.broken, i64::try_from(finding.rows.len()).unwrap(), "{finding:?}");
            let mut rows: Vec<_> = finding.rows.into_iter().map(|row| row.subject).collect();
            rows.extend(finding.cause.map(|cause| format!("unknown: {cause}")));
            (finding.id, rows)
        })
        .collect()
    }

    /// Changes rows of `table` past every wall, checks that just this is found, and puts them back.
    async fn tamper(&self, table: &str, sql: &str, expected: &[(&str, &[Uuid])]) {
        self.tamper_two(&[table], sql, expected).await;
    }

    async fn tamper_two(&self, tables: &[&str], sql: &str, expected: &[(&str, &[Uuid])]) {
        for table in tables {
            self.past(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
        }
        let before = self.state(tables).await;
        self.past(sql).await;
        assert_ne!(self.state(tables).await, before, "nothing was changed by {sql}");
        let expected: BTreeMap<String, Vec<String>> = expected
            .iter()
            .map(|(id, rows)| {
                let mut rows: Vec<String> = rows.iter().map(Uuid::to_string).collect();
                rows.sort();
                ((*id).to_owned(), rows)
            })
            .collect();
        assert_eq!(self.found().await, expected, "after {sql}");
        for table in tables {
            self.past(&format!(
                "DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table}; DROP TABLE kept_{table}"
            ))
            .await;
        }
        assert_eq!(self.state(tables).await, before);
    }

    async fn past(&self, sql: &str) {
        let sql = format!("SET session_replication_role = replica; {sql}");
        self.db.owner_sql(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    async fn state(&self, tables: &[&str]) -> Vec<i64> {
        let mut all = Vec::new();
        for table in tables {
            let sql = format!("SELECT coalesce(sum(hashtextextended(t::text, 0) >> 8), 0)::INT8 FROM {table} t");
            all.push(self.db.owner_number(&sql).await.unwrap());
        }
        all
    }

    /// Removes the walls that would stop even the owner.
    async fn without_walls(&self) {
        self.past(
            "ALTER TABLE sale DROP CONSTRAINT sale_energy_check; \
             ALTER TABLE transfer DROP CONSTRAINT transfer_check; \
             ALTER TABLE account DROP CONSTRAINT account_counter_check; \
             ALTER TABLE sale_outcome DROP CONSTRAINT sale_outcome_receipt_key; \
             DROP INDEX sale_outcome_number_key; DROP INDEX card_current_key; DROP INDEX account_meter_key",
        )
        .await;
    }
}

#[tokio::test]
async fn healthy_books_hold() {
    let world = World::new().await;
    let checked = world.books.store.reconcile(world.books.org, ReconcileOptions::default()).await.unwrap();
    assert!(checked.report.holds(), "{:#?}", world.found().await);
    // Each of them has compared something: a check of nothing proves nothing.
    for finding in &checked.report.findings {
        assert!(finding.compared > 0, "{}", finding.id);
    }
    let figure = |id: &str, name: &str| {
        let finding = checked.report.findings.iter().find(|f| f.id == id).unwrap();
        finding.figures[name].as_i64().unwrap()
    };
    let number = async |sql: &str| world.db.owner_number(sql).await.unwrap();
    let taken = number("SELECT sum(amount_fen) FROM sale s WHERE NOT EXISTS (SELECT FROM sale_outcome o WHERE o.sale_id = s.sale_id AND o.outcome = 'voided')").await;
    assert_eq!((figure("cash.place", "taken_fen"), figure("cash.place", "posted_fen")), (taken, taken));
    assert_eq!(figure("ledger.balance", "debit_fen"), figure("ledger.balance", "credit_fen"));
    assert_eq!(figure("ledger.balance", "debit_wh"), figure("ledger.balance", "credit_wh"));
    // 100 + 50 + 70 + 28 + 20 + 2 x 30 are taken; 15, 33 and 34 are on their cards, 11 and 12 were tokens.
    assert_eq!(figure("energy.posted", "posted_wh"), 433_000);
    assert_eq!((figure("energy.posted", "taken_wh"), figure("energy.posted", "on_card_wh")), (328_000, 105_000));
    assert_eq!(
        (figure("sale.state", "open"), figure("sale.state", "committed"), figure("sale.state", "voided")),
        (1, 11, 1)
    );
    assert_eq!(figure("account.pending", "pending_wh"), 2000);
    // The open sale is told, with its age.
    let [waiting] = &checked.report.oldest_waiting[..] else { panic!("{:?}", checked.report.oldest_waiting) };
    assert_eq!((checked.report.waiting, waiting.sale_id), (1, world.open.sale.sale_id));
    assert_eq!((waiting.count, waiting.tickets, waiting.reason.as_str()), (2, 2, "ticket.again"));
    assert_eq!(waiting.amount_fen, world.open.sale.amount_fen.fen());
    assert_eq!(waiting.opened_at, world.open.sale.created_at);
    assert!(waiting.age_s >= 0 && waiting.workstation.is_some());
}

/// What the tests below change.
struct Names {
    first: Uuid,
    second: Uuid,
    third: Uuid,
    open: Uuid,
    voided: Uuid,
    /// An id that nothing has.
    nobody: Uuid,
    account: Uuid,
    meter: Uuid,
    counter: Uuid,
    other_counter: Uuid,
    district: Uuid,
    other_district: Uuid,
    first_read: Uuid,
    second_read: Uuid,
    third_read: Uuid,
}

impl World {
    /// Healthy books, whose walls somebody has taken down.
    async fn tampered() -> Self {
        let world = Self::new().await;
        world.without_walls().await;
        assert_eq!(world.found().await, BTreeMap::new());
        world
    }

    fn names(&self) -> Names {
        let [first, second, third] = &self.sales[..] else { panic!("three sales") };
        let [first_read, second_read, third_read] = self.reads[..] else { panic!("three readings") };
        let [counter, other_counter] = self.books.workstations;
        let [district, other_district] = self.books.districts;
        Names {
            first: first.sale.sale_id,
            second: second.sale.sale_id,
            third: third.sale.sale_id,
            open: self.open.sale.sale_id,
            voided: self.voided.sale.sale_id,
            nobody: Uuid::now_v7(),
            account: self.plain.account_id,
            meter: self.plain.meter.meter_id,
            counter,
            other_counter,
            district,
            other_district,
            first_read,
            second_read,
            third_read,
        }
    }
}

#[tokio::test]
async fn each_broken_posting_is_named() {
    let world = World::tampered().await;
    let Names { first, voided, nobody, meter, counter, .. } = world.names();
    let confirm = format!("WHERE event_id = '{first}' AND step = 'confirm'");
    let sql = format!("UPDATE transfer SET credit = 99 {confirm} AND debit = 2");
    world.tamper("transfer", &sql, &[("ledger.balance", &[first]), ("ledger.postings", &[first])]).await;
    let sql = format!("UPDATE transfer SET amount_fen = -amount_fen, debit = 3, credit = 2 {confirm} AND debit = 2");
    world.tamper("transfer", &sql, &[("ledger.balance", &[first])]).await;
    let sql = format!("UPDATE transfer SET amount_fen = amount_fen + 1 {confirm} AND debit = 2");
    world.tamper("transfer", &sql, &[("ledger.postings", &[first])]).await;
    let sql = format!("UPDATE transfer SET amount_fen = 1 {confirm} AND debit = 4");
    world.tamper("transfer", &sql, &[("ledger.postings", &[first])]).await;
    let sql =
        format!("INSERT INTO transfer VALUES ('{}', '{nobody}', 'confirm', 1, 2, 3, 1, 0, now())", world.books.org);
    world.tamper("transfer", &sql, &[("ledger.postings", &[nobody])]).await;
    let sql = format!("DELETE FROM transfer WHERE event_id = '{}'", world.adjustment);
    world.tamper("transfer", &sql, &[("ledger.postings", &[world.adjustment])]).await;
    let sql = format!("DELETE FROM transfer WHERE event_id = '{voided}'");
    world.tamper("transfer", &sql, &[("ledger.postings", &[voided])]).await;
    let sql = format!("UPDATE transfer SET amount_fen = amount_fen - 1 WHERE event_id = '{first}' AND step = 'begin'");
    world.tamper("transfer", &sql, &[("ledger.postings", &[first]), ("cash.place", &[counter])]).await;
    let sql = format!("UPDATE transfer SET energy_wh = energy_wh + 1 {confirm} AND debit = 4");
    world.tamper("transfer", &sql, &[("ledger.postings", &[first]), ("energy.posted", &[meter])]).await;
}

#[tokio::test]
async fn each_broken_state_is_named() {
    let world = World::tampered().await;
    let Names { first, third, open, voided, account, counter, other_district, .. } = world.names();
    let sql = format!("DELETE FROM sale_open WHERE sale_id = '{open}'");
    world.tamper("sale_open", &sql, &[("sale.state", &[open])]).await;
    let sql = format!("INSERT INTO sale_open VALUES ('{}', '{account}', '{third}', 1, now())", world.books.org);
    world.tamper("sale_open", &sql, &[("sale.state", &[third]), ("sale.open", &[third])]).await;
    world.tamper("sale_open", "UPDATE sale_open SET epoch = 7", &[("sale.open", &[open])]).await;
    let sql = format!("UPDATE sale_outcome SET area_id = '{other_district}' WHERE sale_id = '{first}'");
    world.tamper("sale_outcome", &sql, &[("sale.outcome", &[first])]).await;
    let sql = format!("UPDATE sale_outcome SET outcome = 'lost' WHERE sale_id = '{voided}'");
    let follows: &[(&str, &[Uuid])] = &[
        ("sale.state", &[voided]),
        ("ledger.postings", &[voided]),
        ("cash.place", &[counter]),
        // Nobody knows any more that number 1 was given back before it was sold again.
        ("meter.returned", &[world.resold_read]),
    ];
    world.tamper("sale_outcome", &sql, follows).await;
}

#[tokio::test]
async fn each_broken_figure_is_named() {
    let world = World::tampered().await;
    let Names { first, third, nobody, account, meter, counter, district, third_read, .. } = world.names();
    let sql = format!("UPDATE sale SET cash_fen = amount_fen - 1 WHERE sale_id = '{first}'");
    world.tamper("sale", &sql, &[("sale.figures", &[first])]).await;
    let sql = format!("UPDATE sale SET operator_id = '{nobody}' WHERE sale_id = '{first}'");
    world.tamper("sale", &sql, &[("sale.figures", &[first])]).await;
    let sql = format!("UPDATE sale SET price_micro = price_micro + 1 WHERE sale_id = '{first}'");
    world.tamper("sale", &sql, &[("sale.figures", &[first]), ("receipt.document", &[first])]).await;
    let sql = format!("UPDATE sale SET amount_fen = amount_fen + 1 WHERE sale_id = '{first}'");
    let follows: &[(&str, &[Uuid])] = &[
        ("sale.figures", &[first]),
        ("ledger.postings", &[first]),
        ("cash.place", &[counter]),
        ("receipt.document", &[first]),
        ("rollup.day", &[district]),
        ("rollup.month", &[district]),
        ("account.totals", &[account]),
    ];
    world.tamper("sale", &sql, follows).await;
    let sql = format!("UPDATE sale SET quantity_wh = quantity_wh + 1000 WHERE sale_id = '{third}'");
    let follows: &[(&str, &[Uuid])] = &[
        ("sale.figures", &[third]),
        ("ledger.postings", &[third]),
        ("energy.posted", &[meter]),
        ("meter.returned", &[third_read]),
        ("receipt.document", &[third]),
    ];
    world.tamper("sale", &sql, follows).await;
}

#[tokio::test]
async fn each_broken_purchase_number_is_named() {
    let world = World::tampered().await;
    let Names { second, third, account, third_read, .. } = world.names();
    let sql = format!(
        "UPDATE sale SET count = 5 WHERE sale_id = '{third}'; UPDATE sale_outcome SET count = 5 WHERE sale_id = '{third}'"
    );
    let follows: &[(&str, &[Uuid])] = &[
        ("count.sequence", &[third]),
        ("account.totals", &[account]),
        ("receipt.document", &[third]),
        ("meter.returned", &[third_read]),
    ];
    world.tamper_two(&["sale", "sale_outcome"], &sql, follows).await;
    let sql = format!("UPDATE sale_outcome SET count = 1 WHERE sale_id = '{second}'");
    let follows: &[(&str, &[Uuid])] = &[("sale.outcome", &[second]), ("count.sequence", &[second, third])];
    world.tamper("sale_outcome", &sql, follows).await;
}

#[tokio::test]
async fn each_broken_word_of_a_meter_is_named() {
    let world = World::tampered().await;
    let Names { account, first_read, second_read, third_read, .. } = world.names();
    for read in [first_read, second_read, third_read] {
        for wh in [1, -1000] {
            let sql =
                format!("UPDATE card_read SET total_purchased_wh = total_purchased_wh + {wh} WHERE read_id = '{read}'");
            world.tamper("card_read", &sql, &[("meter.returned", &[read])]).await;
        }
    }
    // As much as a preset, but it was not there before.
    let sql =
        format!("UPDATE card_read SET total_purchased_wh = total_purchased_wh + 12000 WHERE read_id = '{third_read}'");
    world.tamper("card_read", &sql, &[("meter.returned", &[third_read])]).await;
    let sql = format!("UPDATE card_read SET returned_count = 4 WHERE read_id = '{third_read}'");
    world.tamper("card_read", &sql, &[("meter.returned", &[third_read])]).await;
    let sql = format!("UPDATE card_read SET returned_count = NULL WHERE read_id = '{third_read}'");
    world.tamper("card_read", &sql, &[("meter.proven", &[account])]).await;
    let sql = format!("UPDATE account SET acked = 1 WHERE account_id = '{account}'");
    world.tamper("account", &sql, &[("count.unused", &[account])]).await;
}

/// Every byte that the meter does not write, and no other.
#[tokio::test]
async fn each_broken_card_is_named() {
    let world = World::tampered().await;
    let Names { first, second, third, account, third_read, .. } = world.names();
    for at in [0, 31, 40, 255] {
        let sql = format!("UPDATE card_read SET image = set_byte(image, {at}, 99) WHERE read_id = '{third_read}'");
        world.tamper("card_read", &sql, &[("card.image", &[account])]).await;
    }
    for at in [32, 39] {
        let sql = format!("UPDATE card_read SET image = set_byte(image, {at}, 99) WHERE read_id = '{third_read}'");
        world.tamper("card_read", &sql, &[]).await;
    }
    let sql = format!("UPDATE card_read SET image = substring(image FOR 255) WHERE read_id = '{third_read}'");
    world.tamper("card_read", &sql, &[("card.image", &[account])]).await;
    let sql = format!("UPDATE card_op SET target_image = set_byte(target_image, 7, 99) WHERE op_id = '{third}'");
    world.tamper("card_op", &sql, &[("card.image", &[account])]).await;
    let sql = format!("UPDATE card SET generation = 2 WHERE account_id = '{account}'");
    world.tamper("card", &sql, &[("card.current", &[account])]).await;
    let sql = format!("UPDATE card SET state = 'lost' WHERE account_id = '{account}'");
    world.tamper("card", &sql, &[("card.current", &[account])]).await;
    let sql = format!("DELETE FROM card_op WHERE op_id = '{first}'");
    world.tamper("card_op", &sql, &[("sale.card", &[first])]).await;
    let sql = format!("UPDATE card_op SET card_no = 4711 WHERE op_id = '{second}'");
    world.tamper("card_op", &sql, &[("sale.card", &[second])]).await;
}

#[tokio::test]
async fn each_broken_ticket_is_named() {
    let world = World::tampered().await;
    let Names { first, open, .. } = world.names();
    let sql = format!("DELETE FROM ticket WHERE sale_id = '{first}'");
    world.tamper("ticket", &sql, &[("ticket.chain", &[first])]).await;
    let sql = format!("DELETE FROM ticket WHERE sale_id = '{open}' AND epoch = 1");
    world.tamper("ticket", &sql, &[("ticket.chain", &[open])]).await;
    let sql = format!("DELETE FROM ticket WHERE sale_id = '{open}' AND epoch = 2");
    world.tamper("ticket", &sql, &[("sale.open", &[open])]).await;
}

#[tokio::test]
async fn each_broken_replacement_is_named() {
    let world = World::tampered().await;
    let [proven, open] = &world.replaced;
    let (done, waits) = (proven.facts.op_id, open.facts.op_id);
    let sql = format!("DELETE FROM replacement_outcome WHERE op_id = '{done}'");
    world.tamper("replacement_outcome", &sql, &[("replacement.state", &[done])]).await;
    let sql = format!("DELETE FROM replacement_open WHERE op_id = '{waits}'");
    world.tamper("replacement_open", &sql, &[("replacement.state", &[waits])]).await;
    let sql = format!("UPDATE replacement_open SET epoch = 2 WHERE op_id = '{waits}'");
    world.tamper("replacement_open", &sql, &[("replacement.state", &[waits])]).await;
    let sql = format!(
        "INSERT INTO replacement_outcome SELECT org_id, '{waits}', workstation_id, evidence, at FROM replacement_outcome"
    );
    world.tamper("replacement_outcome", &sql, &[("replacement.state", &[waits])]).await;
    let sql = format!("UPDATE card_op SET sale_id = '{}' WHERE op_id = '{done}'", open.facts.sale_id);
    world.tamper("card_op", &sql, &[("replacement.state", &[done])]).await;
    let sql = format!("DELETE FROM ticket WHERE sale_id = '{done}'");
    world.tamper("ticket", &sql, &[("ticket.chain", &[done])]).await;
    let sql = format!("UPDATE card SET state = 'current' WHERE card_no = {}", proven.facts.old_card_no);
    let account = proven.facts.account_id;
    world.tamper("card", &sql, &[("replacement.state", &[done]), ("card.current", &[account])]).await;
}

#[tokio::test]
async fn each_broken_token_is_named() {
    let world = World::tampered().await;
    let [first, second] = world.tokens[..] else { panic!("two tokens") };
    let account = world.keypad.account_id;
    let sql = format!("DELETE FROM token_op WHERE sale_id = '{first}'");
    world.tamper("token_op", &sql, &[("sale.card", &[first]), ("ticket.chain", &[first])]).await;
    let sql = format!("UPDATE token_op SET identifier = 999 WHERE sale_id = '{second}'");
    world.tamper("token_op", &sql, &[("token.sequence", &[second])]).await;
    world.tamper("token_last", "UPDATE token_last SET identifier = 1000", &[("token.sequence", &[second])]).await;
    world.tamper("token_last", "DELETE FROM token_last", &[("token.sequence", &[first, second])]).await;
    let sql = format!(
        "INSERT INTO card (org_id, card_id, card_no, account_id, generation, state, psc_state) \
         SELECT org_id, gen_random_uuid(), 77777777, '{account}', 1, 'current', 'ours' FROM card LIMIT 1"
    );
    world.tamper("card", &sql, &[("card.current", &[account])]).await;
    let sql = format!("UPDATE account SET acked = 1 WHERE account_id = '{account}'");
    let expected: &[(&str, &[Uuid])] = &[("count.unused", &[account]), ("meter.proven", &[account])];
    world.tamper("account", &sql, expected).await;
}

#[tokio::test]
async fn each_broken_receipt_is_named() {
    let world = World::tampered().await;
    let Names { first, second, third, counter, other_counter, .. } = world.names();
    let sql = format!(
        "UPDATE sale_outcome SET receipt_no = receipt_no + 1 WHERE workstation_id = '{other_counter}' AND receipt_no = 1"
    );
    let preset = world.db.owner_number("SELECT count(*) FROM sale_outcome WHERE receipt_no = 1").await.unwrap();
    assert_eq!(preset, 2, "one at each workstation");
    let follows = world.sale_at(other_counter).await;
    world
        .tamper("sale_outcome", &sql, &[("receipt.sequence", &[follows]), ("receipt.counter", &[other_counter])])
        .await;
    let sql = format!("UPDATE sale_outcome SET receipt_no = 1 WHERE sale_id = '{second}'");
    world.tamper("sale_outcome", &sql, &[("receipt.sequence", &[second, third])]).await;
    let sql = format!("UPDATE workstation_counter SET next_receipt_no = 99 WHERE workstation_id = '{counter}'");
    world.tamper("workstation_counter", &sql, &[("receipt.counter", &[counter])]).await;
    let sql =
        format!("UPDATE sale_outcome SET document = document || '{{\"amount_fen\": \"x\"}}' WHERE sale_id = '{first}'");
    world.tamper("sale_outcome", &sql, &[("receipt.document", &[first])]).await;
    let sql = format!("UPDATE document_print SET copy = 5 WHERE sale_id = '{first}' AND copy = 1");
    world.tamper("document_print", &sql, &[("receipt.copies", &[first])]).await;
}

#[tokio::test]
async fn each_broken_total_is_named() {
    let world = World::tampered().await;
    let Names { account, meter, district, other_district, .. } = world.names();
    for column in ["sales", "energy_wh", "amount_fen"] {
        let sql = format!("UPDATE rollup_day SET {column} = {column} + 1 WHERE area_id = '{district}'");
        world.tamper("rollup_day", &sql, &[("rollup.day", &[district])]).await;
        let sql = format!("UPDATE rollup_month SET {column} = {column} + 1 WHERE area_id = '{district}'");
        world.tamper("rollup_month", &sql, &[("rollup.month", &[district])]).await;
    }
    let sql = format!("DELETE FROM rollup_delta WHERE area_id = '{other_district}' AND day = '2026-11-22'");
    let follows: &[(&str, &[Uuid])] = &[("rollup.day", &[other_district]), ("rollup.month", &[other_district])];
    world.tamper("rollup_delta", &sql, follows).await;
    for column in ["total_fen", "total_wh"] {
        let sql = format!("UPDATE account SET {column} = {column} + 1 WHERE account_id = '{account}'");
        world.tamper("account", &sql, &[("account.totals", &[account])]).await;
    }
    let adjusted = world.adjusted.account_id;
    let sql = format!("UPDATE account SET adjustment_pending_wh = 0 WHERE account_id = '{adjusted}'");
    world.tamper("account", &sql, &[("account.pending", &[adjusted])]).await;
    for change in ["status = 'stock'", "period = 2"] {
        let sql = format!("UPDATE meter SET {change} WHERE meter_id = '{meter}'");
        world.tamper("meter", &sql, &[("meter.owner", &[meter])]).await;
    }
    let line = world.books.line;
    let pair = format!("WHERE ancestor_id = '{line}' AND descendant_id = '{district}'");
    world.tamper("area_closure", &format!("DELETE FROM area_closure {pair}"), &[("area.tree", &[district])]).await;
    world
        .tamper("area_closure", &format!("UPDATE area_closure SET distance = 2 {pair}"), &[("area.tree", &[district])])
        .await;
}

impl World {
    async fn sale_at(&self, workstation: Uuid) -> Uuid {
        let all = self
            .books
            .store
            .tx(self.books.org, "sales", async |s| {
                let account = dianka_store::account_by_user_no(s, 2).await?;
                dianka_store::sale_by_account(s, account.account_id, 10).await
            })
            .await
            .unwrap();
        all.iter().find(|sale| sale.facts.workstation_id == workstation).unwrap().facts.sale_id
    }

    async fn add(&self, cause: ReconciliationCause, night: Option<NaiveDate>) -> Result<Vec<String>, StoreError> {
        let found = self.books.store.reconcile(self.books.org, ReconcileOptions::default()).await.unwrap();
        let new = NewReconciliation {
            reconciliation_id: Uuid::now_v7(),
            cause,
            night,
            operator_id: None,
            found,
            at: at(5000),
        };
        self.books.store.tx(self.books.org, "add", async |s| reconciliation_add(s, &new).await).await
    }

    async fn alarms(&self, open: bool) -> Vec<Alarm> {
        self.books.store.tx(self.books.org, "alarms", async |s| alarm_list(s, open, 100).await).await.unwrap()
    }

    async fn close(&self, alarm: &Alarm) -> Result<Alarm, StoreError> {
        let end = AlarmEnd { at: at(6000), by: self.books.operator, reason: "已核对".to_owned() };
        self.books.store.tx(self.books.org, "close", async |s| alarm_close(s, alarm.alarm_id, &end).await).await
    }
}

/// What cannot be checked is told as that, and the others are checked all the same.
#[tokio::test]
async fn what_cannot_be_checked_is_not_taken_for_true() {
    let world = World::new().await;
    world.without_walls().await;
    let sale = world.sales[0].sale.sale_id;
    let sql =
        format!("UPDATE sale SET adjustment_used_wh = 9223372036854775807, carry_wh = -1 WHERE sale_id = '{sale}'");
    world.past(&sql).await;
    world.past("UPDATE meter SET period = 2 WHERE factory_no = '00000001'").await;
    let found = world.found().await;
    let unknown = vec!["unknown: database: bigint out of range".to_owned()];
    for id in ["ledger.postings", "account.pending", "sale.figures"] {
        assert_eq!(found.get(id), Some(&unknown), "{found:?}");
    }
    assert_eq!(found["meter.owner"], [world.plain.meter.meter_id.to_string()]);
    assert_eq!(found.len(), 4, "{found:?}");
    let raised = world.add(ReconciliationCause::Asked, None).await.unwrap();
    assert_eq!(raised.len(), 4, "an alarm for each, known or unknown");
    let checked = world.books.store.reconcile(world.books.org, ReconcileOptions::default()).await.unwrap();
    assert!(!checked.report.holds());
}

#[tokio::test]
async fn a_check_sees_its_own_organisation_alone_and_one_runs_at_a_time() {
    let world = World::new().await;
    let theirs = Books::create(&world.db.store, "u2").await;
    let account = theirs.account("00000001").await;
    theirs.sell(&account, 10).await;
    world.past(&format!("UPDATE account SET total_fen = 1 WHERE org_id = '{}'", theirs.org)).await;
    assert_eq!(world.found().await, BTreeMap::new());
    let checked = theirs.store.reconcile(theirs.org, ReconcileOptions::default()).await.unwrap();
    let finding = checked.report.findings.iter().find(|f| f.id == "account.totals").unwrap();
    assert_eq!((finding.compared, finding.broken), (1, 1));

    // Another server is checking.
    let mut session = AsyncPgConnection::establish(&world.db.owner_url()).await.unwrap();
    let lock =
        format!("BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('dianka.reconcile {}', 0))", world.books.org);
    session.batch_execute(&lock).await.unwrap();
    let refused = world.books.store.reconcile(world.books.org, ReconcileOptions::default()).await.unwrap_err();
    assert!(
        matches!(&refused, StoreError::Conflict { constraint } if constraint == "reconciliation_running"),
        "{refused}"
    );
    theirs.store.reconcile(theirs.org, ReconcileOptions::default()).await.unwrap();
    session.batch_execute("COMMIT").await.unwrap();
    world.books.store.reconcile(world.books.org, ReconcileOptions::default()).await.unwrap();
}

#[tokio::test]
async fn reports_are_kept_as_they_were_and_a_night_has_one() {
    let world = World::new().await;
    let night = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    assert_eq!(world.add(ReconciliationCause::Nightly, Some(night)).await.unwrap(), Vec::<String>::new());
    let twice = world.add(ReconciliationCause::Nightly, Some(night)).await.unwrap_err();
    assert!(
        matches!(&twice, StoreError::Conflict { constraint } if constraint == "reconciliation_night_key"),
        "{twice}"
    );
    world.add(ReconciliationCause::Command, None).await.unwrap();
    world
        .books
        .store
        .tx(world.books.org, "reports", async |s| {
            let list = reconciliation_list(s, PageRequest::new(1, 10)).await?;
            assert_eq!((list.total, list.items.len()), (2, 2));
            let causes: Vec<_> = list.items.iter().map(|r| r.cause).collect();
            assert_eq!(causes, [ReconciliationCause::Command, ReconciliationCause::Nightly]);
            assert!(list.items.iter().all(|r| r.holds && r.report.is_none()));
            let whole = reconciliation_get(s, list.items[1].reconciliation_id).await?;
            assert_eq!(whole.report.as_ref().unwrap().findings.len(), invariant_ids().len());
            assert_eq!(reconciliation_last(s).await?.unwrap().reconciliation_id, list.items[0].reconciliation_id);
            assert_eq!(reconciliation_last_night(s).await?.0, Some(night));
            Ok(())
        })
        .await
        .unwrap();
    // Append only: the application can neither change nor remove one.
    for sql in ["UPDATE reconciliation SET holds = true", "DELETE FROM reconciliation", "DELETE FROM alarm"] {
        let scoped = format!("BEGIN; SET LOCAL dianka.org = '{}'; {sql}; COMMIT", world.books.org);
        let error = world.db.app_sql(&scoped).await.unwrap_err().to_string();
        assert!(error.contains("permission denied"), "{sql}: {error}");
    }
}

#[tokio::test]
async fn an_alarm_stays_until_a_person_closes_it() {
    let world = World::new().await;
    let sql = |wh: i64| format!("UPDATE account SET total_wh = total_wh + {wh} WHERE user_no = 1");
    assert!(world.alarms(false).await.is_empty());
    world.past(&sql(1)).await;
    assert_eq!(world.add(ReconciliationCause::Asked, None).await.unwrap(), ["account.totals"]);
    assert_eq!(world.add(ReconciliationCause::Asked, None).await.unwrap(), Vec::<String>::new(), "it is open already");
    let [alarm] = &world.alarms(true).await[..] else { panic!("one alarm") };
    assert_eq!((alarm.subject.as_str(), alarm.found), ("account.totals", 1));
    assert_ne!(alarm.first_report, alarm.last_report);
    // It does not go by itself, not even when the rows are right again.
    world.past(&sql(-1)).await;
    world.add(ReconciliationCause::Asked, None).await.unwrap();
    assert_eq!(world.alarms(true).await.len(), 1);
    world.past(&sql(1)).await;

    let closed = world.close(alarm).await.unwrap();
    assert_eq!(closed.end.as_ref().unwrap().reason, "已核对");
    let again = world.close(alarm).await.unwrap_err();
    assert!(matches!(&again, StoreError::Conflict { constraint } if constraint == "alarm_closed"), "{again}");
    // As it was closed, it is not asked about again; the report still says it.
    assert_eq!(world.add(ReconciliationCause::Asked, None).await.unwrap(), Vec::<String>::new());
    assert!(world.alarms(true).await.is_empty());
    assert_eq!(world.found().await.len(), 1);
    // By one more watt-hour it is another one.
    world.past(&sql(1)).await;
    assert_eq!(world.add(ReconciliationCause::Asked, None).await.unwrap(), ["account.totals"]);
    assert_eq!((world.alarms(true).await.len(), world.alarms(false).await.len()), (1, 2));
}
