//! The two shipped standards: their engine native, or the very components that ship.

use dianka_domain::card::{ByteRange, CardImage, Coding, Field, Layout};
use dianka_domain::facts::{MeterFacts, PresetDeductedBy};
use dianka_domain::units::MeterEnergy;
use dianka_gbt18460::Gbt18460;
use dianka_jbt8382::Jbt8382;
use dianka_meter_engine::meter::Meter;
use dianka_meter_engine::types as engine;
use dianka_meter_engine::{Rules as _, Standard as Rules, access, decode, describe, encode};
use dianka_plugin_host::meter::{AccessRule, CalendarDate, Content, MeterDriver, Purchase, Returned, Setup, Value};
use dianka_plugin_host::package::Policy;
use dianka_plugin_host::{DriversDir, Registry, RegistryOptions, WallLimits};
use sha2::{Digest as _, Sha256};

/// The shipped drivers' ids, in the order in which [`Standards`] holds them.
pub const IDS: [&str; 2] = ["gbt18460.open-a", "jbt8382.open-a"];
const SYSTEM: u32 = 86;
const REGION: u32 = 1;

/// What a card says.
#[derive(Debug, Clone)]
pub enum Look {
    /// As its maker delivers it.
    Blank,
    /// Decoded.
    Content(Box<Content>),
    /// The seal is broken.
    Torn,
    /// Nothing that a driver understands.
    Unreadable,
}

enum Driver {
    Native(Rules),
    Wasm(MeterDriver),
}

/// One standard.
pub struct Standard {
    driver: Driver,
    /// Where things are on its card.
    pub layout: Layout,
    /// What distinguishes it.
    pub facts: MeterFacts,
}

/// Both standards.
pub struct Standards {
    /// In the order of [`IDS`].
    pub all: Vec<Standard>,
    // Keeps the components' engine ticking.
    _registry: Option<(Registry, tempfile::TempDir)>,
}

impl Standards {
    /// Both engines, native.
    #[must_use]
    pub fn native() -> Self {
        let all = [Gbt18460::STANDARD, Jbt8382::STANDARD].into_iter().map(|rules| {
            let (layout, facts) = (layout(&rules), facts(&rules));
            Standard { driver: Driver::Native(rules), layout, facts }
        });
        Self { all: all.collect(), _registry: None }
    }

    /// The components in this folder, compiled by `plugc`.
    #[must_use]
    pub fn wasm(drivers: &std::path::Path, plugc: &std::path::Path) -> Self {
        let cache = tempfile::tempdir().unwrap();
        let registry = Registry::open(RegistryOptions {
            drivers_dirs: vec![DriversDir { path: drivers.to_owned(), built_in: true }],
            cache_dir: cache.path().join("compiled"),
            cache_secret: None,
            plugc_path: plugc.to_owned(),
            kit_path: None,
            policy: Policy::default(),
            wall: WallLimits::default(),
        })
        .unwrap();
        let all = IDS.map(|id| {
            let driver = registry.meter(id).unwrap_or_else(|| panic!("{id} is not in {}", drivers.display()));
            let (layout, facts) = (driver.describe().layout.clone(), driver.describe().facts.clone());
            Standard { driver: Driver::Wasm(driver), layout, facts }
        });
        Self { all: all.into(), _registry: Some((registry, cache)) }
    }
}

impl Standard {
    /// The content of a card of this customer with this purchase.
    #[must_use]
    pub fn content(user_no: u64, card_no: u32, purchase: Purchase) -> Content {
        Content {
            kind: "purchase".into(),
            system_code: SYSTEM,
            region: REGION,
            user_no,
            card_no,
            key_version: 1,
            purchase: Some(purchase),
            returned: None,
            params: Vec::new(),
        }
    }

    /// The target image.
    #[must_use]
    pub fn encode(&self, content: &Content, before: &CardImage) -> Option<CardImage> {
        match &self.driver {
            Driver::Native(rules) => {
                encode::encode(rules, &to_engine(content), &image(before)).ok().map(|made| CardImage::new(made.bytes))
            }
            Driver::Wasm(driver) => driver.encode(content, before).ok(),
        }
    }

    /// What the card says.
    #[must_use]
    pub fn look(&self, card: &CardImage) -> Look {
        let found = match &self.driver {
            Driver::Native(rules) => {
                decode::decode(rules, &image(card)).map(|content| from_engine(&content)).map_err(|why| why.code)
            }
            Driver::Wasm(driver) => driver.decode(card).map_err(|why| match why {
                dianka_plugin_host::CallError::Refusal(refusal) => refusal.code,
                other => panic!("the driver broke: {other}"),
            }),
        };
        match found {
            Ok(content) if content.kind == "blank" => Look::Blank,
            Ok(content) => Look::Content(Box::new(content)),
            Err(code) if code == "torn" => Look::Torn,
            Err(_) => Look::Unreadable,
        }
    }

    /// The password of a card that says this. The key is the simulation's own.
    #[must_use]
    pub fn code(&self, content: Option<&Content>) -> [u8; 3] {
        let Some(content) = content else { return [0xFF; 3] };
        let message = match &self.driver {
            Driver::Native(rules) => match access::access(rules, &to_engine(content)).unwrap() {
                engine::AccessRule::Transport(code) => return code.try_into().unwrap(),
                engine::AccessRule::Derived(derivation) => derivation.message,
            },
            Driver::Wasm(driver) => match driver.access(content).unwrap() {
                AccessRule::Transport(code) => return code.try_into().unwrap(),
                AccessRule::Derived(derivation) => derivation.message,
            },
        };
        let digest = Sha256::digest(&message);
        [digest[0], digest[1], digest[2]]
    }

    /// A meter from the factory, as opaque bytes.
    #[must_use]
    pub fn fresh(&self, meter_no: u64) -> Vec<u8> {
        match &self.driver {
            Driver::Native(rules) => Meter::fresh(&dianka_meter_engine_setup(meter_no)).unwrap().to_bytes(rules),
            Driver::Wasm(driver) => {
                let setup = Setup { meter_no, constant: 3200, system_code: SYSTEM, region: REGION };
                driver.fresh(&setup).unwrap()
            }
        }
    }

    /// Puts a card into the meter: the meter and the card afterwards, and what was loaded, Wh.
    #[must_use]
    pub fn insert(&self, meter: &[u8], card: &CardImage) -> (Vec<u8>, CardImage, i64) {
        match &self.driver {
            Driver::Native(rules) => {
                let done = Meter::from_bytes(rules, meter).unwrap().insert(rules, &image(card)).unwrap();
                (done.state, CardImage::new(done.card.bytes), done.loaded_wh)
            }
            Driver::Wasm(driver) => {
                let done = driver.insert(meter, card).unwrap();
                (done.state, done.card, done.loaded_wh.wh())
            }
        }
    }

    /// Time passes under a load.
    #[must_use]
    pub fn pass(&self, meter: &[u8], seconds: u64, watts: u32) -> Vec<u8> {
        match &self.driver {
            Driver::Native(rules) => {
                let mut state = Meter::from_bytes(rules, meter).unwrap();
                state.pass(rules, seconds, watts);
                state.to_bytes(rules)
            }
            Driver::Wasm(driver) => driver.pass(meter, seconds, watts).unwrap(),
        }
    }

    /// What the meter has taken: the last number, and all of it, Wh.
    #[must_use]
    pub fn taken(&self, meter: &[u8]) -> (u32, i64) {
        match &self.driver {
            Driver::Native(rules) => {
                let state = Meter::from_bytes(rules, meter).unwrap();
                (state.count, state.purchased_wh)
            }
            Driver::Wasm(driver) => {
                let seen = driver.look(meter).unwrap();
                (seen.count, seen.total_purchased_wh.wh())
            }
        }
    }
}

fn dianka_meter_engine_setup(meter_no: u64) -> dianka_sdk::meter::simulator::Setup {
    dianka_sdk::meter::simulator::Setup { meter_no, constant: 3200, system_code: SYSTEM, region: REGION }
}

fn image(card: &CardImage) -> engine::CardImage {
    engine::CardImage { chip: "sle4442".into(), bytes: card.bytes().to_vec() }
}

fn layout(rules: &Rules) -> Layout {
    let made = describe::layout(rules.profile);
    let ranges = |all: &[engine::ByteRange]| all.iter().map(|r| ByteRange { offset: r.offset, len: r.len }).collect();
    Layout {
        chip: made.chip,
        size: made.size,
        seal_offset: made.seal_offset,
        seal_value: made.seal_value,
        fields: made
            .fields
            .iter()
            .map(|f| Field {
                name: f.name.clone(),
                offset: f.offset,
                len: f.len,
                coding: if f.coding == "bcd-be" { Coding::BcdBe } else { Coding::UintBe },
                step: f.step,
            })
            .collect(),
        writable: ranges(&made.writable),
        returned: ranges(&made.returned),
    }
}

fn facts(rules: &Rules) -> MeterFacts {
    let made = describe::facts(rules);
    MeterFacts {
        quantity_step_wh: MeterEnergy::from_wh(made.quantity_step_wh),
        quantity_min_wh: MeterEnergy::from_wh(made.quantity_min_wh),
        quantity_max_wh: MeterEnergy::from_wh(made.quantity_max_wh),
        count_max: made.count_max,
        count_wraps_to: made.count_wraps_to,
        preset_deducted_by: if made.preset_deducted_by == "system" {
            PresetDeductedBy::System
        } else {
            PresetDeductedBy::Meter
        },
        alarm_permille: made.alarm_permille,
        alarm_min_wh: MeterEnergy::from_wh(made.alarm_min_wh),
        loads_at_hoarding_limit: made.loads_at_hoarding_limit,
        writes_back_on_rejection: made.writes_back_on_rejection,
        shows_next_count: made.shows_next_count,
        capacity_max_w: made.capacity_max_w,
    }
}

fn to_engine(content: &Content) -> engine::Content {
    engine::Content {
        kind: content.kind.clone(),
        system_code: content.system_code,
        region: content.region,
        user_no: content.user_no,
        card_no: content.card_no,
        key_version: content.key_version,
        purchase: content.purchase.as_ref().map(|p| engine::Purchase {
            meter_no: p.meter_no,
            count: p.count,
            quantity_wh: p.quantity_wh.wh(),
            alarm_wh: p.alarm_wh.wh(),
            overdraft_wh: p.overdraft_wh.wh(),
            hoard_wh: p.hoard_wh.wh(),
            limit_mode: p.limit_mode,
            capacity_w: p.capacity_w,
            preset_wh: p.preset_wh.wh(),
            date: engine::CalendarDate { year: p.date.year, month: p.date.month, day: p.date.day },
        }),
        // A content that leaves them out keeps what is on the card.
        returned: None,
        params: content.params.iter().map(|p| engine::Param { name: p.name.clone(), value: value(&p.value) }).collect(),
    }
}

fn value(value: &Value) -> engine::Value {
    match value.clone() {
        Value::Flag(flag) => engine::Value::Flag(flag),
        Value::Int(number) => engine::Value::Int(number),
        Value::Text(text) => engine::Value::Text(text),
        Value::Bytes(bytes) => engine::Value::Bytes(bytes),
    }
}

fn from_engine(content: &engine::Content) -> Content {
    let wh = MeterEnergy::from_wh;
    Content {
        kind: content.kind.clone(),
        system_code: content.system_code,
        region: content.region,
        user_no: content.user_no,
        card_no: content.card_no,
        key_version: content.key_version,
        purchase: content.purchase.as_ref().map(|p| Purchase {
            meter_no: p.meter_no,
            count: p.count,
            quantity_wh: wh(p.quantity_wh),
            alarm_wh: wh(p.alarm_wh),
            overdraft_wh: wh(p.overdraft_wh),
            hoard_wh: wh(p.hoard_wh),
            limit_mode: p.limit_mode,
            capacity_w: p.capacity_w,
            preset_wh: wh(p.preset_wh),
            date: CalendarDate { year: p.date.year, month: p.date.month, day: p.date.day },
        }),
        returned: content.returned.as_ref().map(|r| Returned {
            user_no: r.user_no,
            meter_no: r.meter_no,
            count: r.count,
            total_used_wh: wh(r.total_used_wh),
            remaining_wh: wh(r.remaining_wh),
            overdraft_wh: wh(r.overdraft_wh),
            total_purchased_wh: wh(r.total_purchased_wh),
            power_w: r.power_w,
            relay_open: r.relay_open,
            status: r.status,
            errors: r.errors,
        }),
        params: Vec::new(),
    }
}
