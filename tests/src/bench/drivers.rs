//! The price of a driver in WebAssembly, against the same code native.

use std::hint::black_box;
use std::time::Instant;

use dianka_domain::card::CardImage;
use dianka_gbt18460::Gbt18460;
use dianka_meter_engine::types::CardImage as NativeImage;
use dianka_meter_engine::{Rules, decode, encode};
use dianka_plugin_host::package::Policy;
use dianka_plugin_host::{DriversDir, Registry, RegistryOptions, WallLimits};
use dianka_tests::Failure;

use super::plan::Plan;
use super::quotes::{self, BLANK};
use dianka_tests::figures::table::{Aim, Table, median};

/// A registry over the shipped drivers, with its compiled ones in `cache`.
pub fn registry(plan: &Plan, cache: &std::path::Path) -> Result<Registry, Failure> {
    Ok(Registry::open(RegistryOptions {
        drivers_dirs: vec![DriversDir { path: plan.drivers(), built_in: true }],
        cache_dir: cache.to_owned(),
        cache_secret: None,
        plugc_path: plan.plugc(),
        policy: Policy::default(),
        kit_path: None,
        wall: WallLimits::default(),
    })?)
}

/// Microseconds that one run of `body` takes, in the least disturbed of ten slices that make `runs` together.
fn micros(runs: u32, mut body: impl FnMut() -> Result<(), Failure>) -> Result<f64, Failure> {
    let slice = (runs / 10).max(1);
    let mut least = f64::INFINITY;
    for _ in 0..10 {
        let start = Instant::now();
        for _ in 0..slice {
            body()?;
        }
        least = least.min(start.elapsed().as_secs_f64() * 1e6 / f64::from(slice));
    }
    Ok(least)
}

/// Microseconds of one run.
fn once(body: impl FnOnce() -> Result<(), Failure>) -> Result<f64, Failure> {
    let start = Instant::now();
    body()?;
    Ok(start.elapsed().as_secs_f64() * 1e6)
}

pub fn measure(plan: &Plan, table: &mut Table) -> Result<(), Failure> {
    println!("drivers:");
    let cache = tempfile::tempdir()?;
    let cache = cache.path().join("compiled");
    drop(registry(plan, &cache)?);
    let mut loads = Vec::new();
    for _ in 0..plan.rounds {
        let start = Instant::now();
        let opened = registry(plan, &cache)?;
        let number = u32::try_from(opened.list().len())?.max(1);
        loads.push(start.elapsed().as_secs_f64() * 1e3 / f64::from(number));
    }
    let registry = registry(plan, &cache)?;
    let driver = registry.meter(quotes::DRIVER).ok_or("the GB/T 18460 driver is not there")?;
    let content = quotes::content(1, 1);
    let before = CardImage::new(BLANK.to_vec());
    let target = driver.encode(&content, &before)?;
    let chip = driver.describe().layout.chip.clone();
    let native_before = NativeImage { chip: chip.clone(), bytes: BLANK.to_vec() };
    let native_target = NativeImage { chip, bytes: target.bytes().to_vec() };
    let refused = |why: dianka_meter_engine::types::Refusal| Failure::from(format!("{why:?}"));
    let native_content = decode::decode(&Gbt18460::STANDARD, &native_target).map_err(refused)?;
    let again = encode::encode(&Gbt18460::STANDARD, &native_content, &native_before).map_err(refused)?;
    if again.bytes != target.bytes() {
        return Err("the native driver and the component do not make the same card".into());
    }
    let empty = CardImage::new(Vec::new());
    let (mut ratios, mut compute, mut natives, mut calls, mut empties) = (vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..plan.rounds {
        let native = micros(plan.driver_calls, || {
            black_box(
                encode::encode(&Gbt18460::STANDARD, black_box(&native_content), &native_before).map_err(refused)?,
            );
            black_box(decode::decode(&Gbt18460::STANDARD, black_box(&native_target)).map_err(refused)?);
            Ok(())
        })?;
        let runs = (plan.driver_calls / 20).max(1);
        let (mut pairs, mut instances, mut differences) = (vec![], vec![], vec![]);
        for _ in 0..runs {
            let pair = once(|| {
                black_box(driver.encode(black_box(&content), &before)?);
                black_box(driver.decode(black_box(&target))?);
                Ok(())
            })?;
            // An image of no bytes is refused in the first line: what is left is the instance and the crossing.
            let nothing = once(|| {
                let _refused = black_box(driver.decode(black_box(&empty)));
                let _refused = black_box(driver.decode(black_box(&empty)));
                Ok(())
            })?;
            pairs.push(pair);
            instances.push(nothing);
            differences.push(pair - nothing);
        }
        let (host, nothing) = (median(&pairs), median(&instances) / 2.0);
        ratios.push(host / native);
        // In pairs, side by side: the difference of two large numbers from different moments says nothing.
        compute.push(median(&differences) / native);
        natives.push(native);
        calls.push(host / 2.0);
        empties.push(nothing);
    }
    table.add("driver: encode + decode without the two instances, against native", Aim::AtMost(2.0), " x", compute);
    table.add("driver: encode + decode on fresh instances, against native", Aim::Told, " x", ratios);
    table.add("driver: one call on a fresh instance", Aim::AtMost(1_000.0), " us", calls);
    table.add("driver: one call that is refused at once (the instance alone)", Aim::Told, " us", empties);
    table.add("driver: encode + decode native", Aim::Told, " us", natives);
    table.add("driver: loading one compiled component", Aim::AtMost(10.0), " ms", loads);
    Ok(())
}
