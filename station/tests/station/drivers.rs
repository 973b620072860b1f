//! A station without drivers gets them from its server, by hash, and believes nothing else.

use std::path::Path;
use std::time::Duration;

use dianka_plugin_host::package::{Digest, Policy};
use dianka_plugin_host::{DriversDir, Registry, RegistryOptions, WallLimits};
use dianka_station::proto::{
    DriverOffer, DriverOffers, DriverPart, FromStation, Hex, PART_BYTES, ReaderStatus, ToStation,
};
use dianka_station::workstation::received_dir;
use ed25519_dalek::SigningKey;
use tempfile::TempDir;

use crate::desk::{DRIVER, Desk, drivers_dir, plugc};

/// A registry that knows only what the server sends.
fn bare(data: &Path) -> Registry {
    Registry::open(RegistryOptions {
        drivers_dirs: vec![DriversDir { path: received_dir(data), built_in: true }],
        cache_dir: data.join("driver-cache"),
        cache_secret: None,
        plugc_path: plugc(),
        policy: Policy::default(),
        kit_path: None,
        wall: WallLimits::default(),
    })
    .unwrap()
}

fn file() -> Vec<u8> {
    std::fs::read(drivers_dir().join("ccid-serial-1.0.0.wasm")).unwrap()
}

fn offer(bytes: &[u8]) -> DriverOffer {
    let size = u32::try_from(bytes.len()).unwrap();
    DriverOffer { id: DRIVER.into(), version: "1.0.0".into(), sha256: Digest::of(bytes), bytes: size }
}

fn offers(desk: &Desk, drivers: Vec<DriverOffer>) {
    desk.send(ToStation::Drivers(DriverOffers::new(drivers).sign(&desk.server.key).unwrap()));
}

fn wanted(desk: &mut Desk) -> Digest {
    desk.wait("want-driver", |message| match message {
        FromStation::WantDriver { sha256 } => Some(sha256),
        _ => None,
    })
}

fn send(desk: &Desk, sha256: Digest, bytes: &[u8]) {
    let mut offset = 0;
    for part in bytes.chunks(PART_BYTES) {
        desk.send(ToStation::DriverPart(DriverPart { sha256, offset, bytes: Hex(part.to_vec()) }));
        offset += u32::try_from(part.len()).unwrap();
    }
}

fn kept(desk: &Desk) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(received_dir(&desk.dir.path().join("station"))) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).filter(|name| name != "incoming").collect()
}

fn desk() -> Desk {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("station");
    let mut desk = Desk::taking_drivers(dir, bare(&data));
    desk.wait_status(ReaderStatus::WrongDriver);
    desk
}

#[test]
fn a_station_without_drivers_gets_its_reader_s_driver_and_drops_it_when_it_is_withdrawn() {
    let mut desk = desk();
    let bytes = file();
    let digest = Digest::of(&bytes);
    offers(&desk, vec![offer(&bytes)]);
    assert_eq!(wanted(&mut desk), digest);
    send(&desk, digest, &bytes);
    desk.wait_status(ReaderStatus::Ready);
    assert_eq!(kept(&desk), [format!("{digest}.wasm")]);
    // Known: not asked for again.
    offers(&desk, vec![offer(&bytes)]);
    desk.never("want-driver", Duration::from_millis(300), |message| match message {
        FromStation::WantDriver { .. } => Some(()),
        _ => None,
    });
    offers(&desk, Vec::new());
    for _ in 0..100 {
        if kept(&desk).is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(kept(&desk), [""; 0]);
    // Withdrawn and offered again, as when somebody goes back to it.
    offers(&desk, vec![offer(&bytes)]);
    assert_eq!(wanted(&mut desk), digest);
    send(&desk, digest, &bytes);
    for _ in 0..100 {
        if !kept(&desk).is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(kept(&desk), [format!("{digest}.wasm")]);
}

#[test]
fn what_the_server_did_not_sign_or_came_altered_is_not_used() {
    let mut desk = desk();
    let bytes = file();
    let digest = Digest::of(&bytes);
    let stranger = SigningKey::from_bytes(&[7; 32]);
    desk.send(ToStation::Drivers(DriverOffers::new(vec![offer(&bytes)]).sign(&stranger).unwrap()));
    desk.never("want-driver", Duration::from_millis(300), |message| match message {
        FromStation::WantDriver { .. } => Some(()),
        _ => None,
    });

    let mut altered = bytes.clone();
    altered[1000] ^= 1;
    offers(&desk, vec![offer(&bytes)]);
    let asked = wanted(&mut desk);
    send(&desk, asked, &altered);
    // Parts that nobody asked for, and one out of order.
    send(&desk, digest, &bytes);
    offers(&desk, vec![offer(&bytes)]);
    assert_eq!(wanted(&mut desk), digest);
    desk.send(ToStation::DriverPart(DriverPart { sha256: digest, offset: 5, bytes: Hex(vec![0; 5]) }));
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(kept(&desk), [""; 0]);

    offers(&desk, vec![offer(&bytes)]);
    let asked = wanted(&mut desk);
    send(&desk, asked, &bytes);
    desk.wait_status(ReaderStatus::Ready);
}
