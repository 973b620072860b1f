//! An organisation with what a sale needs.

use chrono::{DateTime, TimeZone, Utc};
use dianka_domain::ledger::{SaleFigures, postings_begin, postings_confirm, postings_void};
use dianka_domain::tariff::{Date, TariffVersion};
use dianka_domain::units::{MeterEnergy, Money, Multiplier, Price, Ratio, RealEnergy};
use dianka_store::testing::TestDb;
use dianka_store::{
    Account, AreaKind, CardOpFacts, Carrier, LimitMode, MeterType, NewAccount, NewArea, NewMeter, NewReplacement,
    NewSale, NewWorkstation, Operator, Org, OrgMode, Payment, ReplacementBegun, ReplacementFacts, ReplacementReason,
    SaleConfirm, SaleFacts, SaleKind, SaleVoid, Site, Store, StoreError, Tariff, WorkstationKind, account_get,
    account_open, area_create, meter_stock_add, meter_type_create, operator_create, replacement_begin, site_create,
    tariff_create, workstation_create,
};
use serde_json::json;
use uuid::Uuid;

pub const PRICE: i64 = 560_000;

pub fn at(second: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 22, 8, 0, 0).unwrap() + chrono::Duration::seconds(i64::from(second))
}

pub fn day() -> Date {
    Date::new(2026, 11, 22).unwrap()
}

/// One organisation: a site with two workstations, an operator, a line with two districts, a meter type, a tariff.
pub struct Books {
    pub store: Store,
    pub org: Uuid,
    pub site: Uuid,
    pub workstations: [Uuid; 2],
    pub operator: Uuid,
    pub line: Uuid,
    pub districts: [Uuid; 2],
    pub meter_type: Uuid,
    pub tariff: Uuid,
    pub tariff_version: Uuid,
}

pub async fn world() -> (TestDb, Books) {
    let db = TestDb::new().await.unwrap();
    let books = Books::create(&db.store, "u1").await;
    (db, books)
}

impl Books {
    pub async fn create(store: &Store, code: &str) -> Self {
        let books = Self {
            store: store.clone(),
            org: Uuid::now_v7(),
            site: Uuid::now_v7(),
            workstations: [Uuid::now_v7(), Uuid::now_v7()],
            operator: Uuid::now_v7(),
            line: Uuid::now_v7(),
            districts: [Uuid::now_v7(), Uuid::now_v7()],
            meter_type: Uuid::now_v7(),
            tariff: Uuid::now_v7(),
            tariff_version: Uuid::now_v7(),
        };
        let org = Org {
            org_id: books.org,
            code: code.to_owned(),
            name: "东城供电".to_owned(),
            system_code: 1234,
            mode: OrgMode::Learning,
        };
        store.org_create(&org).await.unwrap();
        store
            .tx(books.org, "fixture", async |s| {
                let site =
                    Site {
                        site_id: books.site, code: "A".to_owned(), name: "一号售电点".to_owned(), retired: false
                    };
                site_create(s, &site).await?;
                for workstation_id in books.workstations {
                    let new = NewWorkstation {
                        workstation_id,
                        site_id: books.site,
                        number: None,
                        name: "窗口".to_owned(),
                        kind: WorkstationKind::BuiltIn,
                        reader: None,
                    };
                    workstation_create(s, &new).await?;
                }
                operator_create(s, &books.operator_row("clerk")).await?;
                for area in books.areas() {
                    area_create(s, &area).await?;
                }
                meter_type_create(s, &books.meter_type_row()).await?;
                tariff_create(s, &books.tariff_row()).await
            })
            .await
            .unwrap();
        books
    }

    pub fn operator_row(&self, login: &str) -> Operator {
        Operator {
            operator_id: self.operator,
            login: login.to_owned(),
            name: "王芳".to_owned(),
            role: "clerk".to_owned(),
            rights: vec!["sale.make".to_owned()],
            password_hash: "$argon2id$x".to_owned(),
            active: true,
        }
    }

    fn areas(&self) -> [NewArea; 3] {
        let area = |area_id, parent_id, code: &str, name: &str, kind| NewArea {
            area_id,
            parent_id,
            code: code.to_owned(),
            name: name.to_owned(),
            kind,
        };
        [
            area(self.line, None, "10", "城东线", AreaKind::Line),
            area(self.districts[0], Some(self.line), "101", "一台区", AreaKind::District),
            area(self.districts[1], Some(self.line), "102", "二台区", AreaKind::District),
        ]
    }

    fn meter_type_row(&self) -> MeterType {
        MeterType {
            meter_type_id: self.meter_type,
            name: "DDSY 5(20)A".to_owned(),
            model: "DDSY123".to_owned(),
            driver_id: "gbt18460".to_owned(),
            driver_version: "1.0.0".to_owned(),
            constant_imp: 1600,
            rated_ma: 5000,
            max_ma: 20_000,
            phases: 1,
            voltage_v: 220,
            hoard_wh: MeterEnergy::from_wh(0),
            overdraft_wh: MeterEnergy::from_wh(0),
            preset_wh: MeterEnergy::from_wh(12_000),
            alarm_wh: None,
            retired: false,
            carrier: Carrier::Card,
            token_params: json!([]),
        }
    }

    fn tariff_row(&self) -> Tariff {
        Tariff {
            tariff_id: self.tariff,
            code: "R1".to_owned(),
            name: "居民".to_owned(),
            versions: vec![TariffVersion {
                id: self.tariff_version,
                price: Price::from_micro(PRICE),
                valid_from: Date::new(2026, 1, 1).unwrap(),
            }],
        }
    }

    pub fn new_meter(&self, factory_no: &str) -> NewMeter {
        NewMeter {
            meter_id: Uuid::now_v7(),
            factory_no: factory_no.to_owned(),
            meter_type_id: self.meter_type,
            start_reading_wh: MeterEnergy::ZERO,
        }
    }

    pub fn new_account(&self, meter_id: Uuid) -> NewAccount {
        NewAccount {
            account_id: Uuid::now_v7(),
            card_id: Uuid::now_v7(),
            user_no: None,
            name: "李雷".to_owned(),
            unit: String::new(),
            address: "东街 5 号".to_owned(),
            phone: "13800000000".to_owned(),
            area_id: self.districts[0],
            meter_id,
            tariff_id: self.tariff,
            pt: Ratio::ONE,
            ct: Ratio::ONE,
            multiplier: Multiplier::ONE,
            limit_mode: LimitMode::None,
            capacity_w: 8000,
            preset_pending_wh: MeterEnergy::from_wh(12_000),
            hoard_wh: None,
            alarm_wh: None,
            overdraft_wh: None,
            opened_at: at(0),
        }
    }

    /// Stocks a meter and opens an account on it.
    pub async fn account(&self, factory_no: &str) -> Account {
        self.account_in(factory_no, self.districts[0]).await
    }

    pub async fn account_in(&self, factory_no: &str, area_id: Uuid) -> Account {
        let meter = self.new_meter(factory_no);
        let mut new = self.new_account(meter.meter_id);
        new.area_id = area_id;
        self.store
            .tx(self.org, "account", async |s| {
                meter_stock_add(s, &meter).await?;
                account_open(s, &new).await
            })
            .await
            .unwrap()
    }

    pub async fn read(&self, account: &Account) -> Account {
        self.store.tx(self.org, "read", async |s| account_get(s, account.account_id).await).await.unwrap()
    }

    /// A sale of `kwh` decided on `account` as it is given.
    pub fn sale(&self, account: &Account, kwh: i64) -> NewSale {
        let energy = RealEnergy::from_wh(kwh * 1000);
        let figures = figures(kwh);
        let sale = SaleFacts {
            sale_id: Uuid::now_v7(),
            account_id: account.account_id,
            meter_id: account.meter.meter_id,
            kind: if account.counter.sold == 0 { SaleKind::Opening } else { SaleKind::Purchase },
            period: account.period,
            count: account.counter.sold + 1,
            energy_wh: energy,
            amount_fen: figures.amount,
            price_micro: Price::from_micro(PRICE),
            tariff_version_id: self.tariff_version,
            multiplier: account.multiplier,
            adjustment_used_wh: RealEnergy::ZERO,
            carry_wh: RealEnergy::ZERO,
            preset_deducted_wh: MeterEnergy::ZERO,
            quantity_wh: MeterEnergy::from_wh(kwh * 1000),
            area_id: account.area_id,
            site_id: self.site,
            workstation_id: self.workstations[0],
            operator_id: self.operator,
            payment: Payment::Cash,
            cash_fen: Some(figures.amount),
            request_hash: [7; 32],
            created_at: at(10),
        };
        NewSale {
            account_version: account.version,
            sale,
            op: card_op(account),
            ticket: json!({"epoch": 1}),
            transfers: postings_begin(&figures).unwrap(),
        }
    }

    pub fn confirm(&self, new: &NewSale) -> SaleConfirm {
        let figures = figures_of(new);
        SaleConfirm {
            sale_id: new.sale.sale_id,
            workstation_id: new.sale.workstation_id,
            day: day(),
            at: at(20),
            evidence: json!({"read": "target"}),
            document: json!({"name": "李雷"}),
            transfers: postings_confirm(&figures).unwrap(),
        }
    }

    pub fn void(&self, new: &NewSale) -> SaleVoid {
        let figures = figures_of(new);
        SaleVoid {
            sale_id: new.sale.sale_id,
            workstation_id: new.sale.workstation_id,
            day: day(),
            at: at(20),
            evidence: json!({"read": "before", "fences": 1}),
            transfers: postings_void(&figures).unwrap(),
        }
    }

    /// A replacement of the account's lost card, with the purchase of this sale; decided on `account` as it is given.
    pub fn replacement(&self, account: &Account, sale: &NewSale) -> NewReplacement {
        let old_card_no = account.card_no.unwrap();
        NewReplacement {
            account_version: account.version,
            facts: ReplacementFacts {
                op_id: Uuid::now_v7(),
                account_id: account.account_id,
                sale_id: sale.sale.sale_id,
                reason: ReplacementReason::Lost,
                old_card_no,
                workstation_id: self.workstations[0],
                operator_id: self.operator,
                request_hash: [8; 32],
                created_at: at(30),
            },
            card_id: Uuid::now_v7(),
            op: CardOpFacts {
                card_no: old_card_no + 1_000_000,
                generation: account.counter.issue + 1,
                session: "s-new".to_owned(),
                ..sale.op.clone()
            },
            ticket: json!({"epoch": 1}),
        }
    }

    pub async fn replace(&self, new: &NewReplacement) -> Result<ReplacementBegun, StoreError> {
        self.store.tx(self.org, "replace", async |s| replacement_begin(s, new).await).await
    }

    /// Begins and confirms a sale of `kwh`.
    pub async fn sell(&self, account: &Account, kwh: i64) -> NewSale {
        let account = self.read(account).await;
        let new = self.sale(&account, kwh);
        self.store.sale_begin(self.org, &new).await.unwrap();
        self.store.sale_confirm(self.org, &self.confirm(&new)).await.unwrap();
        new
    }
}

pub fn figures(kwh: i64) -> SaleFigures {
    let energy = RealEnergy::from_wh(kwh * 1000);
    let amount = Price::from_micro(PRICE).amount(energy, dianka_domain::units::Rounding::HalfUp).unwrap();
    SaleFigures {
        amount,
        purchase: energy,
        adjustment_net: RealEnergy::ZERO,
        preset_deducted: RealEnergy::ZERO,
        on_card: energy,
    }
}

fn figures_of(new: &NewSale) -> SaleFigures {
    let multiplier = new.sale.multiplier;
    SaleFigures {
        amount: new.sale.amount_fen,
        purchase: new.sale.energy_wh,
        adjustment_net: new.sale.adjustment_used_wh.checked_sub(new.sale.carry_wh).unwrap(),
        preset_deducted: new.sale.preset_deducted_wh.to_real(multiplier).unwrap(),
        on_card: new.sale.quantity_wh.to_real(multiplier).unwrap(),
    }
}

fn card_op(account: &Account) -> CardOpFacts {
    CardOpFacts {
        card_no: account.card_no.unwrap(),
        generation: account.counter.issue,
        alarm_wh: MeterEnergy::from_wh(10_000),
        hoard_wh: MeterEnergy::ZERO,
        overdraft_wh: MeterEnergy::ZERO,
        limit_mode: LimitMode::None,
        capacity_w: 0,
        driver_id: "gbt18460".to_owned(),
        driver_version: "1.0.0".to_owned(),
        driver_sha256: [9; 32],
        session: "s-1".to_owned(),
        before_image: vec![0xff; 256],
        target_image: vec![0x68; 256],
        plan: json!([{"step": "erase_seal", "offset": 64}]),
    }
}

/// Amount of `kwh` at the fixture's price.
pub fn amount(kwh: i64) -> Money {
    figures(kwh).amount
}
