//! How long it takes to load the shipped meter drivers and to call them.
//!
//! `cargo run -p dianka-plugin-host --example call_times -- target/drivers target/debug/dianka-plugc`
#![expect(clippy::print_stdout, reason = "a table for people is what this is for")]

use std::error::Error;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dianka_domain::card::CardImage;
use dianka_domain::units::{MeterEnergy, Multiplier, RealEnergy};
use dianka_plugin_host::meter::{
    CalendarDate, Carrier, Content, MeterDriver, Param, PlanRequest, Purchase, Value, kind,
};
use dianka_plugin_host::package::Policy;
use dianka_plugin_host::token::{Minute, SoftwareKeys, TokenMeter, TokenOrder, TokenRequest, verify_token};
use dianka_plugin_host::{DriversDir, Registry, RegistryOptions, WallLimits, verify_encode};
use zeroize::Zeroizing;

const ROUNDS: usize = 500;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(drivers), Some(plugc)) = (arguments.next(), arguments.next()) else {
        return Err("call_times <folder of drivers> <dianka-plugc>".into());
    };
    let cache = tempfile::tempdir()?;
    for what in ["empty cache", "filled cache"] {
        let (registry, took) = open(&drivers, &plugc, cache.path())?;
        println!("open, {what}: {took:?} for {} drivers", registry.list().len());
        let start = Instant::now();
        registry.rescan();
        println!("rescan, nothing new: {:?}", start.elapsed());
    }
    let (registry, _) = open(&drivers, &plugc, cache.path())?;
    for driver in registry.meters() {
        match driver.carrier() {
            Carrier::Card => table(&driver)?,
            Carrier::Token => token_table(&driver)?,
        }
    }
    Ok(())
}

fn open(drivers: &Path, plugc: &Path, cache: &Path) -> Result<(Registry, Duration), Box<dyn Error>> {
    let options = RegistryOptions {
        drivers_dirs: vec![DriversDir { path: drivers.to_path_buf(), built_in: true }],
        cache_dir: cache.join("compiled"),
        cache_secret: None,
        plugc_path: plugc.canonicalize()?,
        policy: Policy::default(),
        kit_path: None,
        wall: WallLimits::default(),
    };
    let start = Instant::now();
    let registry = Registry::open(options)?;
    Ok((registry, start.elapsed()))
}

fn table(driver: &MeterDriver) -> Result<(), Box<dyn Error>> {
    let before = CardImage::new(vec![0xff; 256]);
    let target = driver.encode(&sale(), &before)?;
    println!("\n{} {}, {ROUNDS} rounds: least, median, 99 %", driver.about().id, driver.about().version);
    measure("plan", || driver.plan(&request()).map(drop))?;
    measure("encode", || driver.encode(&sale(), &before).map(drop))?;
    measure("decode", || driver.decode(&target).map(drop))?;
    measure("encode + decode", || driver.decode(&driver.encode(&sale(), &before)?).map(drop))?;
    measure("verify_encode", || {
        verify_encode(driver, &sale(), &before, &target).map_err(|fault| fault.to_string()).map(drop)
    })?;
    Ok(())
}

fn token_table(driver: &MeterDriver) -> Result<(), Box<dyn Error>> {
    let (keys, request) = (token_keys()?, token_request());
    let token = driver.token(&request, &keys)?;
    println!("\n{} {}, {ROUNDS} rounds: least, median, 99 %", driver.about().id, driver.about().version);
    measure("plan", || driver.plan(&self::request()).map(drop))?;
    measure("token", || driver.token(&request, &keys).map(drop))?;
    measure("read_token", || driver.read_token(&request.meter, &token.digits, &keys).map(drop))?;
    measure("verify_token", || verify_token(driver, &request, &token, &keys))?;
    Ok(())
}

/// The vending key of the published test cases of STS.
fn token_keys() -> Result<SoftwareKeys, Box<dyn Error>> {
    let mut keys = SoftwareKeys::new();
    let key = hex::decode("abababababababab949494949494949401234567")?;
    keys.put("sts-123457-2-4", Zeroizing::new(key))?;
    Ok(keys)
}

fn token_request() -> TokenRequest {
    let param = |name: &str, value| Param { name: name.to_owned(), value };
    let params = vec![
        param("supply-group", Value::Text("123457".to_owned())),
        param("key-revision", Value::Int(4)),
        param("base-date", Value::Int(2014)),
    ];
    TokenRequest {
        order: TokenOrder::Credit { quantity_wh: MeterEnergy::from_wh(100_000) },
        meter: TokenMeter { meter_no: 18, params },
        issued: Minute { year: 2026, month: 11, day: 22, hour: 12, minute: 0 },
        after: None,
        chance: 5,
    }
}

fn measure<E>(name: &str, work: impl Fn() -> Result<(), E>) -> Result<(), E> {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        black_box(work()?);
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let at = |share: usize| times.get(ROUNDS * share / 100).copied().unwrap_or_default();
    println!("{name:>16} {:>12?} {:>12?} {:>12?}", at(0), at(50), at(99));
    Ok(())
}

fn request() -> PlanRequest {
    PlanRequest {
        purchase_real_wh: RealEnergy::from_wh(100_000),
        adjustment_real_wh: RealEnergy::ZERO,
        multiplier: Multiplier::ONE,
        preset_wh: MeterEnergy::ZERO,
        first: true,
        count: 1,
        hoard_wh: MeterEnergy::ZERO,
        alarm_wh: None,
    }
}

fn sale() -> Content {
    Content {
        kind: kind::PURCHASE.to_owned(),
        system_code: 1234,
        region: 5678,
        user_no: 100_001,
        card_no: 1,
        key_version: 1,
        purchase: Some(Purchase {
            meter_no: 12_345_678,
            count: 1,
            quantity_wh: MeterEnergy::from_wh(100_000),
            alarm_wh: MeterEnergy::from_wh(10_000),
            overdraft_wh: MeterEnergy::ZERO,
            hoard_wh: MeterEnergy::from_wh(999_000),
            limit_mode: 0,
            capacity_w: 0,
            preset_wh: MeterEnergy::ZERO,
            date: CalendarDate { year: 2026, month: 11, day: 22 },
        }),
        returned: None,
        params: vec![],
    }
}
