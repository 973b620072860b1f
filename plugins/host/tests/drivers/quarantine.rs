//! Drivers that are taken out of service.

use dianka_plugin_host::{CallError, DriverState, IntegrityFault};

use crate::bench::{Bench, only, reason};
use crate::guest::{MeterGuest, before, content};

#[test]
fn three_faults_take_a_driver_out_of_service_and_it_still_decodes() {
    let guest = MeterGuest::honest("toy", "1.0.0").encoding("sle4428", vec![]).build();
    let (bench, registry, driver) = Bench::with_meter(&guest, "toy");
    let target = {
        let honest = MeterGuest::honest("toy", "1.0.0").build();
        let (_bench, _registry, driver) = Bench::with_meter(&honest, "toy");
        driver.encode(&content(), &before()).unwrap()
    };
    for _ in 0..2 {
        assert!(matches!(driver.encode(&content(), &before()), Err(CallError::Fault(_))));
    }
    assert_eq!(only(&registry).state, DriverState::Active);
    assert!(matches!(driver.encode(&content(), &before()), Err(CallError::Fault(_))));

    let info = only(&registry);
    assert_eq!((info.state, reason(&info), info.faults), (DriverState::Quarantined, "too-many-faults", 3));
    // Held handles and new ones alike.
    for driver in [driver, registry.meter("toy").unwrap()] {
        assert!(matches!(driver.encode(&content(), &before()), Err(CallError::Quarantined(_))));
        assert_eq!(driver.decode(&target), Ok(content()));
        assert_eq!(driver.faults(), 3);
    }

    // Taking the file away and putting it back does not help.
    let path = bench.drivers.path().join("driver.wasm");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(registry.rescan().retired.len(), 1);
    bench.install(&guest, "driver.wasm");
    assert_eq!(registry.rescan().loaded.len(), 1);
    assert_eq!(only(&registry).state, DriverState::Quarantined);

    // A person's word does.
    assert!(registry.release(only(&registry).sha256.unwrap()));
    assert_eq!(only(&registry).state, DriverState::Active);
    let driver = registry.meter("toy").unwrap();
    assert!(matches!(driver.encode(&content(), &before()), Err(CallError::Fault(_))));
}

#[test]
fn one_reported_integrity_fault_is_enough() {
    let (_bench, registry, driver) = Bench::with_meter(&MeterGuest::honest("toy", "1.0.0").build(), "toy");
    driver.report_integrity_fault(&IntegrityFault::NotRepeatable);
    assert_eq!(reason(&only(&registry)), "integrity-not-repeatable");
    assert!(matches!(driver.encode(&content(), &before()), Err(CallError::Quarantined(_))));
}
