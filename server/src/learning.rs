//! 学习使用: what a server without an organisation starts with. Two sites, areas, tariffs, and, as soon as their driver
//! is there, a meter type for each meter standard with some meters in stock.
//!
//! Every part is added only where it is missing, so this runs at every start and whenever a driver appears.

use crate::drivers;
use dianka_domain::tariff::{Date, TariffVersion};
use dianka_domain::units::{MeterEnergy, Price};
use dianka_plugin_host::Registry;
use dianka_plugin_host::meter::{self as host, MeterDriver, Param, Value};
use dianka_store::{
    self as store, AreaKind, Carrier, MeterType, NewArea, NewMeter, NewWorkstation, Org, OrgMode, Scoped, Site, Store,
    StoreError, Tariff, WorkstationKind,
};
use uuid::Uuid;

/// Cards of the learning mode carry this system code; a registered organisation has its own.
pub const SYSTEM_CODE: u32 = 8601;
/// What is typed at log-in, where it is asked for at all.
pub const ORG_CODE: &str = "learning";

/// The token standard that the published test key is of.
const STS: &str = "sts.ea11";

/// Meters in stock of each type.
const STOCK: u32 = 6;

/// The organisation of this server that is in learning mode, made if there is no organisation at all; `None` when all
/// are registered.
///
/// # Errors
/// Those of the store.
pub async fn organisation(store: &Store) -> Result<Option<Uuid>, StoreError> {
    let ids = store.org_ids().await?;
    for id in &ids {
        if store.tx(*id, "org_mode", async |s| store::org_get(s).await).await?.mode == OrgMode::Learning {
            return Ok(Some(*id));
        }
    }
    if !ids.is_empty() {
        return Ok(None);
    }
    let org = Org {
        org_id: Uuid::now_v7(),
        code: ORG_CODE.to_owned(),
        name: "学习使用".to_owned(),
        system_code: SYSTEM_CODE,
        mode: OrgMode::Learning,
    };
    store.org_create(&org).await?;
    tracing::info!(org = %org.org_id, "learning mode: organisation made");
    Ok(Some(org.org_id))
}

/// Sites, workstations, areas and tariffs. Workstation 1 waits for a code: one that was made here would be over before
/// anybody needed it.
///
/// # Errors
/// Those of the store.
pub async fn places(store: &Store, org: Uuid, today: Date) -> Result<(), StoreError> {
    store
        .tx(org, "learning_places", async |s| {
            if !store::site_list(s).await?.is_empty() {
                return Ok(());
            }
            sites(s).await?;
            areas(s).await?;
            tariffs(s, today).await
        })
        .await
}

async fn sites(s: &mut Scoped) -> Result<(), StoreError> {
    let (centre, east) = (Uuid::now_v7(), Uuid::now_v7());
    for (site_id, code, name) in [(centre, "01", "城关营业厅"), (east, "02", "东街代售点")] {
        store::site_create(s, &Site { site_id, code: code.to_owned(), name: name.to_owned(), retired: false }).await?;
    }
    let own = NewWorkstation {
        workstation_id: Uuid::now_v7(),
        site_id: centre,
        number: Some(0),
        name: "0 号工作站".to_owned(),
        kind: WorkstationKind::BuiltIn,
        reader: None,
    };
    store::workstation_create(s, &own).await?;
    let other = NewWorkstation {
        workstation_id: Uuid::now_v7(),
        site_id: east,
        number: Some(1),
        name: "1 号工作站".to_owned(),
        kind: WorkstationKind::Station,
        reader: None,
    };
    store::workstation_create(s, &other).await?;
    Ok(())
}

/// Code, code of the parent, name, kind: parents first.
const AREAS: [(&str, &str, &str, AreaKind); 8] = [
    ("01", "", "学习供电所", AreaKind::Organisation),
    ("0101", "01", "城关线", AreaKind::Line),
    ("0102", "01", "东街线", AreaKind::Line),
    ("010101", "0101", "城关一台区", AreaKind::District),
    ("010102", "0101", "城关二台区", AreaKind::District),
    ("010201", "0102", "东街一台区", AreaKind::District),
    ("01010101", "010101", "和平楼", AreaKind::Building),
    ("01020101", "010201", "东街商铺", AreaKind::Building),
];

async fn areas(s: &mut Scoped) -> Result<(), StoreError> {
    let mut made: Vec<(&str, Uuid)> = Vec::new();
    for (code, parent, name, kind) in AREAS {
        let parent_id = made.iter().find(|(known, _)| *known == parent).map(|(_, id)| *id);
        let new = NewArea { area_id: Uuid::now_v7(), parent_id, code: code.to_owned(), name: name.to_owned(), kind };
        store::area_create(s, &new).await?;
        made.push((code, new.area_id));
    }
    Ok(())
}

async fn tariffs(s: &mut Scoped, today: Date) -> Result<(), StoreError> {
    for (code, name, micro) in [("01", "居民生活", 560_000), ("02", "一般工商业", 768_300), ("03", "农业生产", 480_000)]
    {
        // From the first of this year: sales of the days before today have a price as well.
        let valid_from = Date::new(today.year(), 1, 1).unwrap_or(today);
        let version = TariffVersion { id: Uuid::now_v7(), price: Price::from_micro(micro), valid_from };
        let new =
            Tariff { tariff_id: Uuid::now_v7(), code: code.to_owned(), name: name.to_owned(), versions: vec![version] };
        store::tariff_create(s, &new).await?;
    }
    Ok(())
}

/// A meter type with its stock for each active meter driver that has none.
///
/// # Errors
/// Those of the store.
pub async fn meters(store: &Store, org: Uuid, registry: &Registry) -> Result<(), StoreError> {
    for driver in registry.meters().into_iter().filter(|driver| token_params(driver).is_some()) {
        let made = store.tx(org, "learning_meters", async |s| meter_type(s, &driver).await).await?;
        if made {
            tracing::info!(driver = driver.about().id, "learning mode: meter type with {STOCK} meters in stock made");
        }
    }
    Ok(())
}

/// The sample meters' token parameters: those that the published test key is for. None for a token standard of which that is
/// not known here.
fn token_params(driver: &MeterDriver) -> Option<Vec<Param>> {
    let param = |name: &str, value| Param { name: name.to_owned(), value };
    match driver.carrier() {
        host::Carrier::Card => Some(Vec::new()),
        host::Carrier::Token if driver.about().id == STS => Some(vec![
            param("supply-group", Value::Text("123457".to_owned())),
            param("key-revision", Value::Int(4)),
            param("base-date", Value::Int(2014)),
        ]),
        host::Carrier::Token => None,
    }
}

/// 8600, the type's and the running number, and of keypad meters the check digit by Luhn: 86000101 or 86000300017.
fn factory_no(carrier: Carrier, of_type: u32, running: u32) -> String {
    match carrier {
        Carrier::Card => format!("8600{:02}{running:02}", of_type % 100),
        Carrier::Token => {
            let body = format!("8600{:02}{running:04}", of_type % 100);
            let digits = body.chars().rev().filter_map(|digit| digit.to_digit(10));
            let doubled = |(digit, double): (u32, bool)| if double { digit * 2 / 10 + digit * 2 % 10 } else { digit };
            let sum: u32 = digits.zip([true, false].into_iter().cycle()).map(doubled).sum();
            format!("{body}{}", (10 - sum % 10) % 10)
        }
    }
}

async fn meter_type(s: &mut Scoped, driver: &MeterDriver) -> Result<bool, StoreError> {
    let about = driver.about();
    let types = store::meter_type_list(s).await?;
    if types.iter().any(|known| known.driver_id == about.id) {
        return Ok(false);
    }
    let carrier = drivers::carrier(driver);
    let token_params =
        serde_json::to_value(token_params(driver)).map_err(|e| StoreError::Inconsistent(e.to_string()))?;
    let number = u32::try_from(types.len()).unwrap_or_default().saturating_add(1);
    let new = MeterType {
        meter_type_id: Uuid::now_v7(),
        name: format!("{} 单相 5(20)A", driver.describe().name.zh),
        model: "DDSY".to_owned(),
        driver_id: about.id.clone(),
        driver_version: about.version.to_string(),
        constant_imp: 1600,
        rated_ma: 5000,
        max_ma: 20_000,
        phases: 1,
        voltage_v: 220,
        hoard_wh: MeterEnergy::from_wh(9_000_000),
        overdraft_wh: MeterEnergy::ZERO,
        preset_wh: MeterEnergy::from_wh(if carrier == Carrier::Card { 12_000 } else { 0 }),
        alarm_wh: None,
        retired: false,
        carrier,
        token_params,
    };
    store::meter_type_create(s, &new).await?;
    for n in 1..=STOCK {
        let meter = NewMeter {
            meter_id: Uuid::now_v7(),
            factory_no: factory_no(carrier, number, n),
            meter_type_id: new.meter_type_id,
            start_reading_wh: MeterEnergy::ZERO,
        };
        store::meter_stock_add(s, &meter).await?;
    }
    Ok(true)
}
