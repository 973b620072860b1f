//! The set-up lists, search, log-in.

use chrono::Duration;
use dianka_domain::tariff::{Date, TariffVersion};
use dianka_domain::units::{MeterEnergy, Price};
use dianka_store::{
    ActivationState, DriverActivation, DriverKind, MeterFilter, MeterStatus, NewAudit, NewRefreshToken, NewWorkstation,
    Org, OrgMode, PageRequest, ReaderSettings, RefreshUse, StoreError, WorkstationKind, account_by_card_no,
    account_by_user_no, account_list, account_open, area_get, area_list, audit_add, audit_list, card_current,
    driver_activation_list, driver_activation_set, meter_by_factory_no, meter_get, meter_list, meter_stock_add,
    meter_type_get, meter_type_retire, operator_by_login, operator_count, operator_create, operator_password_set,
    org_get, org_update, refresh_token_add, refresh_token_family_end, refresh_token_purge, refresh_token_use,
    tariff_list, tariff_version_add, tariff_version_at, tariff_versions_at, workstation_create, workstation_get,
    workstation_list, workstation_reader_set,
};
use serde_json::json;
use uuid::Uuid;

use super::fixture::{PRICE, at, world};

#[tokio::test]
async fn organisations_are_found_by_code() {
    let (_db, books) = world().await;
    assert_eq!(books.store.org_by_code("u1").await.unwrap(), books.org);
    assert!(matches!(books.store.org_by_code("nobody").await, Err(StoreError::NotFound)));
    assert_eq!(books.store.org_ids().await.unwrap(), [books.org]);
    let again = Org {
        org_id: Uuid::now_v7(),
        code: "u1".to_owned(),
        name: "X".to_owned(),
        system_code: 1,
        mode: OrgMode::Learning,
    };
    assert!(matches!(books.store.org_create(&again).await, Err(StoreError::Conflict { .. })));
    books.store.tx(books.org, "u", async |s| org_update(s, "西城供电", 77, OrgMode::Registered).await).await.unwrap();
    let org = books.store.tx(books.org, "g", org_get).await.unwrap();
    assert_eq!((org.name.as_str(), org.system_code, org.mode), ("西城供电", 77, OrgMode::Registered));
}

#[tokio::test]
async fn workstations_have_numbers_and_readers() {
    let (_db, books) = world().await;
    let (store, org) = (&books.store, books.org);
    let new = NewWorkstation {
        workstation_id: Uuid::now_v7(),
        site_id: books.site,
        number: Some(7),
        name: "大厅".to_owned(),
        kind: WorkstationKind::Station,
        reader: None,
    };
    assert_eq!(store.tx(org, "w", async |s| workstation_create(s, &new).await).await.unwrap(), 7);
    let mut same = new.clone();
    same.workstation_id = Uuid::now_v7();
    let error = store.tx(org, "w", async |s| workstation_create(s, &same).await).await.unwrap_err();
    assert!(matches!(&error, StoreError::Conflict { constraint } if constraint == "workstation_number_key"), "{error}");
    let reader =
        ReaderSettings { driver_id: "ccid-serial".to_owned(), port: "/dev/ttyUSB0".to_owned(), baud: Some(9600) };
    store
        .tx(org, "w", async |s| {
            workstation_reader_set(s, new.workstation_id, &reader).await?;
            let found = workstation_get(s, new.workstation_id).await?;
            assert_eq!((found.number, found.reader, found.settings_revision), (7, Some(reader.clone()), 2));
            assert_eq!(workstation_list(s).await?.iter().map(|w| w.number).collect::<Vec<_>>(), [0, 1, 7]);
            assert!(matches!(workstation_reader_set(s, Uuid::now_v7(), &reader).await, Err(StoreError::NotFound)));
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn operators_log_in_in_any_case_of_letters() {
    let (_db, books) = world().await;
    books
        .store
        .tx(books.org, "o", async |s| {
            assert_eq!(operator_by_login(s, "CLERK").await?.name, "王芳");
            assert_eq!(operator_count(s).await?, 1);
            operator_password_set(s, books.operator, "new").await?;
            assert_eq!(operator_by_login(s, "clerk").await?.password_hash, "new");
            Ok(())
        })
        .await
        .unwrap();
    let mut same = books.operator_row("Clerk");
    same.operator_id = Uuid::now_v7();
    let error = books.store.tx(books.org, "o", async |s| operator_create(s, &same).await).await.unwrap_err();
    assert!(matches!(&error, StoreError::Conflict { constraint } if constraint == "operator_login_key"), "{error}");
}

#[tokio::test]
async fn a_refresh_token_is_used_once() {
    let (_db, books) = world().await;
    let family = Uuid::now_v7();
    let token = |n: u8, hours| NewRefreshToken {
        token_hash: vec![n; 32],
        family,
        operator_id: books.operator,
        issued_at: at(0),
        expires_at: at(0) + Duration::hours(hours),
    };
    books
        .store
        .tx(books.org, "t", async |s| {
            refresh_token_add(s, &token(1, 8)).await?;
            refresh_token_add(s, &token(2, 8)).await?;
            refresh_token_add(s, &token(3, 0)).await?;
            let operator_id = books.operator;
            assert_eq!(refresh_token_use(s, &[1; 32], at(5)).await?, RefreshUse::Fresh { family, operator_id });
            let used_at = at(5);
            assert_eq!(
                refresh_token_use(s, &[1; 32], at(6)).await?,
                RefreshUse::Reused { family, operator_id, used_at }
            );
            assert_eq!(refresh_token_use(s, &[3; 32], at(6)).await?, RefreshUse::Expired);
            assert_eq!(refresh_token_use(s, &[9; 32], at(6)).await?, RefreshUse::Unknown);
            assert_eq!(refresh_token_purge(s, at(6)).await?, 1);
            refresh_token_family_end(s, family).await?;
            assert_eq!(refresh_token_use(s, &[2; 32], at(6)).await?, RefreshUse::Unknown);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn areas_are_a_tree() {
    let (_db, books) = world().await;
    books
        .store
        .tx(books.org, "a", async |s| {
            let areas = area_list(s).await?;
            let paths: Vec<_> = areas.iter().map(|a| a.path_name.as_str()).collect();
            assert_eq!(paths, ["城东线", "城东线 / 一台区", "城东线 / 二台区"]);
            assert_eq!(area_get(s, books.districts[1]).await?.path_name, "城东线 / 二台区");
            assert!(matches!(area_get(s, Uuid::now_v7()).await, Err(StoreError::NotFound)));
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_price_is_the_latest_that_has_begun() {
    let (_db, books) = world().await;
    let date = |year, month, day| Date::new(year, month, day).unwrap();
    let later = TariffVersion { id: Uuid::now_v7(), price: Price::from_micro(600_000), valid_from: date(2027, 1, 1) };
    books
        .store
        .tx(books.org, "p", async |s| {
            tariff_version_add(s, books.tariff, &later).await?;
            assert_eq!(tariff_version_at(s, books.tariff, date(2026, 12, 31)).await?.price.micro(), PRICE);
            assert_eq!(tariff_version_at(s, books.tariff, date(2027, 1, 1)).await?, later);
            assert!(matches!(tariff_version_at(s, books.tariff, date(2025, 12, 31)).await, Err(StoreError::NotFound)));
            assert_eq!(tariff_versions_at(s, date(2030, 1, 1)).await?[&books.tariff], later);
            assert_eq!(tariff_list(s).await?[0].versions.len(), 2);
            Ok(())
        })
        .await
        .unwrap();
    let twice = TariffVersion { id: Uuid::now_v7(), ..later };
    let error =
        books.store.tx(books.org, "p", async |s| tariff_version_add(s, books.tariff, &twice).await).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Conflict { constraint } if constraint == "tariff_version_from_key"),
        "{error}"
    );
}

#[tokio::test]
async fn meters_are_stocked_searched_and_assigned() {
    let (_db, books) = world().await;
    let account = books.account("20230001").await;
    books
        .store
        .tx(books.org, "m", async |s| {
            for no in ["20230002", "20230003", "20990001"] {
                meter_stock_add(s, &books.new_meter(no)).await?;
            }
            let list = async |s: &mut dianka_store::Scoped, status, q: &str, page| {
                let filter = MeterFilter { status, q: Some(q.to_owned()) };
                meter_list(s, &filter, page).await
            };
            let page = PageRequest::new(1, 2);
            let found = list(s, None, "2023", page).await?;
            assert_eq!((found.total, found.items.len()), (3, 2));
            assert_eq!(found.items[0].account_id, Some(account.account_id));
            let second = list(s, None, "2023", PageRequest::new(2, 2)).await?;
            assert_eq!(second.items[0].factory_no, "20230003");
            assert_eq!(list(s, Some(MeterStatus::Stock), "2023", page).await?.total, 2);
            assert_eq!(list(s, None, "", page).await?.total, 4);
            assert_eq!(list(s, None, "20230002", page).await?.total, 1);
            assert_eq!(list(s, None, "nothing", page).await?.total, 0);
            assert_eq!(meter_get(s, account.meter.meter_id).await?.status, MeterStatus::Assigned);
            assert_eq!(meter_by_factory_no(s, "20230003").await?.status, MeterStatus::Stock);
            Ok(())
        })
        .await
        .unwrap();
    let stock = async |no: &str| {
        books.store.tx(books.org, "m", async |s| meter_stock_add(s, &books.new_meter(no)).await).await.unwrap_err()
    };
    let twice = stock("20230001").await;
    assert!(matches!(&twice, StoreError::Conflict { constraint } if constraint == "meter_factory_no_key"), "{twice}");
    assert!(matches!(stock("123").await, StoreError::Invalid { .. }));
}

#[tokio::test]
async fn accounts_are_opened_and_searched() {
    let (_db, books) = world().await;
    let first = books.account("30000001").await;
    assert_eq!((first.user_no, first.card_no, first.area_name.as_str()), (1, Some(1), "一台区"));
    assert_eq!((first.counter, first.version), (dianka_domain::counter::CounterState::opened(), 1));
    assert_eq!(first.preset_pending_wh, MeterEnergy::from_wh(12_000));
    // A number chosen by hand is skipped by the counter later on.
    let meter = books.new_meter("30000002");
    let mut chosen = books.new_account(meter.meter_id);
    chosen.user_no = Some(2);
    "韩梅梅 50%_路".clone_into(&mut chosen.name);
    let (store, org) = (&books.store, books.org);
    store
        .tx(org, "open", async |s| {
            meter_stock_add(s, &meter).await?;
            account_open(s, &chosen).await
        })
        .await
        .unwrap();
    assert_eq!(books.account("30000003").await.user_no, 3);
    store
        .tx(org, "search", async |s| {
            let page = PageRequest::new(1, 50);
            let mut found = async |q: &str| Ok::<_, StoreError>(account_list(s, Some(q), page).await?.total);
            assert_eq!(found("").await?, 3);
            assert_eq!(found("2").await?, 1);
            assert_eq!(found("3000").await?, 3);
            assert_eq!(found("30000003").await?, 1);
            assert_eq!(found("13800000000").await?, 3);
            assert_eq!(found("梅梅").await?, 1);
            assert_eq!(found("50%_").await?, 1);
            assert_eq!(found("5_%").await?, 0);
            assert_eq!(found("东街").await?, 3);
            assert_eq!(found("99999999999999999999").await?, 0);
            assert_eq!(account_by_user_no(s, 2).await?.account_id, chosen.account_id);
            assert_eq!(account_by_card_no(s, 2).await?.account_id, chosen.account_id);
            assert_eq!(card_current(s, chosen.account_id).await?.card_no, 2);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn an_account_takes_a_meter_in_stock_and_no_other() {
    let (_db, books) = world().await;
    let account = books.account("30000001").await;
    let open = async |new: &dianka_store::NewAccount| {
        books.store.tx(books.org, "open", async |s| account_open(s, new).await).await.unwrap_err()
    };
    let taken = open(&books.new_account(account.meter.meter_id)).await;
    assert!(matches!(&taken, StoreError::Conflict { constraint } if constraint == "meter_not_in_stock"), "{taken}");
    assert!(matches!(open(&books.new_account(Uuid::now_v7())).await, StoreError::Reference { .. }));
    // A user number that is taken: the meter stays in stock.
    let meter = books.new_meter("30000009");
    books.store.tx(books.org, "m", async |s| meter_stock_add(s, &meter).await).await.unwrap();
    let mut same = books.new_account(meter.meter_id);
    same.user_no = Some(account.user_no);
    let error = open(&same).await;
    assert!(matches!(&error, StoreError::Conflict { constraint } if constraint == "account_user_no_key"), "{error}");
    for user_no in [0, -1, 100_000_000] {
        same.user_no = Some(user_no);
        assert!(matches!(open(&same).await, StoreError::Invalid { .. }));
    }
    let status = books.store.tx(books.org, "m", async |s| meter_get(s, meter.meter_id).await).await.unwrap().status;
    assert_eq!(status, MeterStatus::Stock);
}

#[tokio::test]
async fn types_retire_drivers_change_and_the_trail_grows() {
    let (_db, books) = world().await;
    let activation = DriverActivation {
        driver_id: "gbt18460".to_owned(),
        driver_version: "1.0.0".to_owned(),
        driver_sha256: [3; 32],
        kind: DriverKind::Meter,
        state: ActivationState::Active,
        reason: None,
        operator_id: Some(books.operator),
        changed_at: at(1),
    };
    let mut stopped = activation.clone();
    (stopped.state, stopped.reason, stopped.changed_at) =
        (ActivationState::Quarantined, Some("trap".to_owned()), at(2));
    let entry = NewAudit {
        at: at(3),
        operator_id: Some(books.operator),
        workstation_id: None,
        action: "driver.activate".to_owned(),
        subject_kind: "driver".to_owned(),
        subject_id: None,
        detail: json!({"id": "gbt18460"}),
        request_id: Some("r-1".to_owned()),
    };
    books
        .store
        .tx(books.org, "d", async |s| {
            meter_type_retire(s, books.meter_type, true).await?;
            assert!(meter_type_get(s, books.meter_type).await?.retired);
            driver_activation_set(s, &activation).await?;
            driver_activation_set(s, &stopped).await?;
            assert_eq!(driver_activation_list(s).await?, [stopped.clone()]);
            audit_add(s, &entry).await?;
            audit_add(s, &entry).await?;
            let trail = audit_list(s, PageRequest::new(1, 10)).await?;
            assert_eq!(trail.len(), 2);
            assert_eq!(trail[0].entry, entry);
            assert!(trail[0].seq > trail[1].seq);
            Ok(())
        })
        .await
        .unwrap();
}
