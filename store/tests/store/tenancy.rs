//! Row-level security and composite keys: each must hold by itself.

use dianka_store::testing::TestDb;
use dianka_store::{
    StoreError, account_get, account_list, account_open, analysis_by_area, area_list, meter_list, meter_stock_add,
    meter_type_list, operator_list, org_get, sale_by_account, sale_get, site_list, tariff_list, workstation_list,
};
use uuid::Uuid;

use super::fixture::{Books, world};

const TENANT_TABLES: &str = "SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
    WHERE a.attname = 'org_id' AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace";

async fn two() -> (TestDb, Books, Books) {
    let (db, ours) = world().await;
    let theirs = Books::create(&db.store, "u2").await;
    (db, ours, theirs)
}

#[tokio::test]
async fn every_table_of_an_organisation_is_protected() {
    let (db, _ours) = world().await;
    assert_eq!(db.unprotected_tables().await.unwrap(), Vec::<String>::new());
    assert!(db.owner_number(TENANT_TABLES).await.unwrap() >= 25);
    // And the check does find one that is not.
    for sql in [
        "CREATE TABLE leak_a (org_id UUID PRIMARY KEY)",
        "CREATE TABLE leak_b (org_id UUID PRIMARY KEY); ALTER TABLE leak_b ENABLE ROW LEVEL SECURITY",
        "CREATE TABLE leak_c (org_id UUID PRIMARY KEY); ALTER TABLE leak_c ENABLE ROW LEVEL SECURITY; \
         ALTER TABLE leak_c FORCE ROW LEVEL SECURITY; CREATE POLICY p ON leak_c USING (true)",
    ] {
        db.owner_sql(sql).await.unwrap();
    }
    assert_eq!(db.unprotected_tables().await.unwrap(), ["leak_a", "leak_b", "leak_c"]);
    assert!(matches!(db.run_migrations().await, Err(StoreError::Inconsistent(_))));
}

/// Keys, unique constraints, foreign keys and indexes of tenant tables begin with org_id. One plain index does not, for
/// the reason that stands beside it in the migration.
#[tokio::test]
async fn every_key_of_an_organisation_begins_with_it() {
    let (db, _ours) = world().await;
    let keys_without = "SELECT count(*) FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid \
        JOIN pg_attribute o ON o.attrelid = c.oid AND o.attname = 'org_id' \
        WHERE k.contype IN ('p', 'u', 'f') AND k.conkey[1] <> o.attnum";
    assert_eq!(db.owner_number(keys_without).await.unwrap(), 0);
    let indexes_without = "SELECT count(*) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid \
        JOIN pg_am am ON am.oid = x.relam \
        JOIN pg_attribute o ON o.attrelid = i.indrelid AND o.attname = 'org_id' \
        WHERE am.amname = 'btree' AND i.indkey[0] <> o.attnum AND x.relname <> 'sale_account_idx'";
    assert_eq!(db.owner_number(indexes_without).await.unwrap(), 0);
}

#[tokio::test]
async fn without_a_scope_nothing_is_seen_or_written() {
    let (db, ours) = world().await;
    let account = ours.account("00000001").await;
    ours.sell(&account, 10).await;
    for table in ["org", "site", "operator", "account", "meter", "card", "sale", "card_op", "sale_outcome", "transfer"]
    {
        assert_eq!(db.app_number(&format!("SELECT count(*) FROM {table}")).await.unwrap(), 0, "{table}");
    }
    // Not even after a scope was set and its transaction has ended (the setting then reads '').
    let leftover = "SET dianka.org = ''; SELECT 1";
    db.app_sql(leftover).await.unwrap();
    let error = db
        .app_sql(&format!(
            "INSERT INTO site (org_id, site_id, code, name) VALUES ('{}', '{}', 'X', 'X')",
            ours.org,
            Uuid::now_v7()
        ))
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("row-level security"), "{error}");
}

#[tokio::test]
async fn another_organisation_sees_nothing() {
    let (_db, ours, theirs) = two().await;
    let account = ours.account("00000001").await;
    let new = ours.sell(&account, 10).await;
    let sale_id = new.sale.sale_id;
    theirs
        .store
        .tx(theirs.org, "look", async |s| {
            assert!(matches!(account_get(s, account.account_id).await, Err(StoreError::NotFound)));
            assert!(matches!(sale_get(s, sale_id).await, Err(StoreError::NotFound)));
            assert!(sale_by_account(s, account.account_id, 10).await?.is_empty());
            let page = dianka_store::PageRequest::new(1, 50);
            assert_eq!(account_list(s, None, page).await?.total, 0);
            assert_eq!(meter_list(s, &dianka_store::MeterFilter::default(), page).await?.total, 0);
            assert_eq!(org_get(s).await?.code, "u2");
            assert_eq!(site_list(s).await?[0].site_id, theirs.site);
            assert_eq!((site_list(s).await?.len(), workstation_list(s).await?.len()), (1, 2));
            assert_eq!((operator_list(s).await?.len(), area_list(s).await?.len()), (1, 3));
            assert_eq!((tariff_list(s).await?.len(), meter_type_list(s).await?.len()), (1, 1));
            let question = dianka_store::AreaQuestion {
                period: dianka_store::Period::Day,
                from: chrono::NaiveDate::from_ymd_opt(2000, 1, 1).unwrap(),
                to: chrono::NaiveDate::from_ymd_opt(2100, 1, 1).unwrap(),
                parent: None,
            };
            assert!(analysis_by_area(s, &question).await?.is_empty());
            Ok(())
        })
        .await
        .unwrap();
    // The sale functions, called for them with what is ours.
    assert!(matches!(theirs.store.sale_begin(theirs.org, &new).await, Err(StoreError::NotFound)));
    assert!(matches!(theirs.store.sale_confirm(theirs.org, &ours.confirm(&new)).await, Err(StoreError::NotFound)));
    assert!(matches!(theirs.store.sale_void(theirs.org, &ours.void(&new)).await, Err(StoreError::NotFound)));
}

/// Numbers are unique per organisation, and a clash with somebody else's does not even show that it exists.
#[tokio::test]
async fn both_may_use_the_same_numbers() {
    let (_db, ours, theirs) = two().await;
    let a = ours.account("00000001").await;
    let b = theirs.account("00000001").await;
    assert_eq!((a.user_no, a.card_no), (b.user_no, b.card_no));
    // The same sale id in both organisations is two sales.
    let first = ours.sale(&a, 10);
    let mut second = theirs.sale(&b, 20);
    second.sale.sale_id = first.sale.sale_id;
    ours.store.sale_begin(ours.org, &first).await.unwrap();
    theirs.store.sale_begin(theirs.org, &second).await.unwrap();
}

/// Foreign keys carry the organisation: what is ours cannot point at what is theirs.
#[tokio::test]
async fn a_row_cannot_point_into_another_organisation() {
    let (db, ours, theirs) = two().await;
    let meter = ours.new_meter("00000001");
    let error = ours
        .store
        .tx(ours.org, "meter", async |s| {
            let mut stray = meter.clone();
            stray.meter_type_id = theirs.meter_type;
            meter_stock_add(s, &stray).await
        })
        .await
        .unwrap_err();
    assert!(matches!(&error, StoreError::Reference { constraint } if constraint == "meter_type_fkey"), "{error}");
    ours.store.tx(ours.org, "meter", async |s| meter_stock_add(s, &meter).await).await.unwrap();
    for (constraint, area_id, tariff_id) in [
        ("account_area_fkey", theirs.districts[0], ours.tariff),
        ("account_tariff_fkey", ours.districts[0], theirs.tariff),
    ] {
        let mut new = ours.new_account(meter.meter_id);
        (new.area_id, new.tariff_id) = (area_id, tariff_id);
        let error = ours.store.tx(ours.org, "open", async |s| account_open(s, &new).await).await.unwrap_err();
        assert!(matches!(&error, StoreError::Reference { constraint: found } if found == constraint), "{error}");
    }
    // A sale with a workstation, operator and tariff of theirs.
    let account = ours.account("00000002").await;
    let spoils: [fn(&mut dianka_store::NewSale, &Books); 3] = [
        |new, theirs| new.sale.workstation_id = theirs.workstations[0],
        |new, theirs| new.sale.operator_id = theirs.operator,
        |new, theirs| new.sale.tariff_version_id = theirs.tariff_version,
    ];
    for spoil in spoils {
        let mut new = ours.sale(&account, 10);
        spoil(&mut new, &theirs);
        assert!(matches!(ours.store.sale_begin(ours.org, &new).await, Err(StoreError::Reference { .. })));
    }
    // Even the owner of the tables, past row-level security, is stopped by the key itself.
    let stray = format!(
        "INSERT INTO workstation (org_id, workstation_id, site_id, number, name, kind) \
         VALUES ('{}', '{}', '{}', 99, 'X', 'station')",
        ours.org,
        Uuid::now_v7(),
        theirs.site
    );
    let error = db.owner_sql(&stray).await.unwrap_err();
    assert!(matches!(error, StoreError::Reference { .. }), "{error}");
}

/// In their scope nothing of ours can be written, whatever the statement says.
#[tokio::test]
async fn a_row_of_another_organisation_cannot_be_written() {
    let (db, ours, theirs) = two().await;
    let scoped = |sql: &str| format!("BEGIN; SET LOCAL dianka.org = '{}'; {sql}; COMMIT", theirs.org);
    let insert = scoped(&format!(
        "INSERT INTO site (org_id, site_id, code, name) VALUES ('{}', '{}', 'X', 'X')",
        ours.org,
        Uuid::now_v7()
    ));
    let error = db.app_sql(&insert).await.unwrap_err().to_string();
    assert!(error.contains("row-level security"), "{error}");
    let steal = scoped(&format!("UPDATE site SET org_id = '{}'", ours.org));
    let error = db.app_sql(&steal).await.unwrap_err().to_string();
    assert!(error.contains("row-level security"), "{error}");
    db.app_sql(&scoped("UPDATE site SET name = 'changed'")).await.unwrap();
    let ours_changed = format!("SELECT count(*) FROM site WHERE name = 'changed' AND org_id = '{}'", ours.org);
    assert_eq!(db.owner_number(&ours_changed).await.unwrap(), 0);
}
