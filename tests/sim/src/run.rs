//! One schedule from its seed: a world, failures, calm, the equality.

use std::collections::BTreeMap;

use dianka_domain::card::CardImage;
use dianka_domain::counter::CounterState;
use dianka_domain::units::{MeterEnergy, Price, RealEnergy};
use dianka_lab::sle4442::Sle4442;
use dianka_plugin_host::meter::{CalendarDate, Purchase};
use dianka_station::proto::BoxKey;
use ed25519_dalek::SigningKey;
use uuid::Uuid;

use crate::chance::Chance;
use crate::client::{Client, Phase};
use crate::db::{AccountRow, Db, Psc};
use crate::defect::Defect;
use crate::disk::SimDisk;
use crate::mode::Mode;
use crate::standard::{Standard, Standards};
use crate::world::{Card, Customer, Place, Server, Station, Tear, World};

/// What came of a schedule.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The first broken rule, and the event after which it was seen.
    pub violation: Option<(usize, String)>,
    /// A sum over everything that happened: the same for the same seed.
    pub hash: u64,
    /// How often what happened.
    pub counts: BTreeMap<String, u64>,
    /// What happened, where it was asked for.
    pub trace: Vec<String>,
    /// Events drawn.
    pub events: usize,
}

/// A violation, made small.
#[derive(Debug, Clone)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// What is broken.
    pub what: String,
    /// Events of the smallest beginning that shows it.
    pub events: usize,
    /// That beginning, told.
    pub trace: Vec<String>,
}

/// What all schedules of one run share: keys are dear to make, and nothing depends on them.
pub struct Runner {
    standards: Standards,
    key: [u8; 32],
    folder: tempfile::TempDir,
}

impl Runner {
    /// Over these standards.
    #[must_use]
    pub fn new(standards: Standards) -> Self {
        Self { standards, key: [9; 32], folder: tempfile::tempdir().unwrap() }
    }

    /// Runs a schedule.
    #[must_use]
    pub fn run(&self, seed: u64, defect: Option<Defect>) -> Outcome {
        self.prefix(seed, defect, usize::MAX, false)
    }

    /// Runs the beginning of a schedule, then calm.
    #[must_use]
    pub fn prefix(&self, seed: u64, defect: Option<Defect>, events: usize, traced: bool) -> Outcome {
        let mut world = self.world(seed, defect);
        if traced {
            world.trace = Some(Vec::new());
        }
        let length = 300 + world.chance.below(600);
        for _ in 0..length.min(events) {
            world.happen();
            world.check();
            if world.violation.is_some() {
                break;
            }
        }
        if world.violation.is_none() {
            world.settle_down();
        }
        let step = world.step;
        Outcome {
            violation: world.violation.map(|what| (step, what)),
            hash: world.hash,
            counts: world.counts,
            trace: world.trace.unwrap_or_default(),
            events: step,
        }
    }

    /// The smallest beginning of a schedule that breaks a rule.
    #[must_use]
    pub fn report(&self, seed: u64, defect: Option<Defect>) -> Option<Report> {
        let (last, _) = self.run(seed, defect).violation?;
        (0..=last).find_map(|events| {
            let outcome = self.prefix(seed, defect, events, true);
            outcome.violation.map(|(_, what)| Report { seed, what, events, trace: outcome.trace })
        })
    }

    fn world(&self, seed: u64, defect: Option<Defect>) -> World<'_> {
        let mut chance = Chance::new(seed.wrapping_mul(0xD6E8_FEB8_6659_FD93) ^ 0x5EED);
        let mode = Mode::draw(&mut chance);
        let stations = 2 + chance.below(4);
        let customers = 1 + chance.below(4);
        let mut world = World {
            standards: &self.standards,
            mode,
            defect,
            customers: Vec::new(),
            cards: Vec::new(),
            stations: Vec::new(),
            lines: BTreeMap::new(),
            server: Some(Server::default()),
            key: SigningKey::from_bytes(&self.key),
            db: Db { receipts: vec![1; stations], prices: vec![Price::from_micro(510_000)], ..Db::default() },
            db_up: true,
            db_stamp: 0,
            clock: 1_700_000_000,
            clients: Vec::new(),
            stash: Vec::new(),
            sessions: BTreeMap::new(),
            ids: 0,
            step: 0,
            trace: None,
            hash: 0xCBF2_9CE4_8422_2325,
            counts: BTreeMap::new(),
            violation: None,
            calm: false,
            chance,
        };
        for number in 0..stations {
            // Of a file that is made once: a key is made from the system's chance, and nothing is decided by it.
            let key = BoxKey::load_or_create(&self.folder.path().join(format!("station-{number}.key"))).unwrap();
            let disk = SimDisk::default();
            if defect == Some(Defect::NotSynced) {
                disk.lie();
            }
            let id = Uuid::from_u128(1000 + u128::try_from(number).unwrap());
            let (live, slot, said, tear) = (None, None, BTreeMap::new(), Tear::Pull);
            world.stations.push(Station { id, key, disk, live, slot, said, tear });
            world.station_start(number);
            world.station_dials(number);
        }
        for number in 0..customers {
            world.add_customer(number);
        }
        for _ in 0..2 + world.chance.below(8) {
            let customer = world.chance.below(customers);
            let kwh = 12 + i64::try_from(world.chance.below(200)).unwrap();
            let (phase, station) = (Phase::Wanting, 0);
            world.clients.push(Client { customer, station, kwh, phase, refused: false, unknown: false, cash: 0 });
        }
        world
    }
}

impl World<'_> {
    fn add_customer(&mut self, number: usize) {
        let standard = self.chance.below(2);
        let no = u64::try_from(number).unwrap();
        let card_no = 300 + u32::try_from(number).unwrap();
        let (user_no, meter_no) = (160 + no, 1234 + no);
        let rules = &self.standards.all[standard];
        let mut meter = rules.fresh(meter_no);
        let bought = u32::try_from(self.chance.below(3)).unwrap();
        let mut image = CardImage::new(Sle4442::blank().image());
        let mut code = [0xFF; 3];
        for count in 1..=bought {
            let purchase = Purchase {
                meter_no,
                count,
                quantity_wh: MeterEnergy::from_wh(20_000),
                alarm_wh: MeterEnergy::from_wh(2000),
                overdraft_wh: MeterEnergy::ZERO,
                hoard_wh: MeterEnergy::ZERO,
                limit_mode: 0,
                capacity_w: 0,
                preset_wh: MeterEnergy::ZERO,
                date: CalendarDate { year: 2023, month: 11, day: 5 },
            };
            let content = Standard::content(user_no, card_no, purchase);
            image = rules.encode(&content, &image).unwrap();
            code = rules.code(Some(&content));
            let (after, card, loaded) = rules.insert(&meter, &image);
            assert_eq!(loaded, 20_000);
            (meter, image) = (after, card);
        }
        let (_, begun_with) = rules.taken(&meter);
        let multiplier = [1, 1, 1, 20][self.chance.below(4)];
        let used = self.chance.permille(self.mode.tries);
        let counter = if used { [6, 4][self.chance.below(2)] } else { 7 };
        let chip = Sle4442::with(image.bytes(), code, counter);
        let adjustment = [0, 0, 3000, -2000][self.chance.below(4)] * i64::from(multiplier);
        let system = rules.facts.preset_deducted_by == dianka_domain::facts::PresetDeductedBy::System;
        let preset = if bought == 0 && system && self.chance.permille(300) { 5000 } else { 0 };
        self.db.accounts.push(AccountRow {
            version: 1,
            counter: CounterState { sold: bought, acked: bought, issue: 1 },
            adjustment: RealEnergy::from_wh(adjustment),
            preset: MeterEnergy::from_wh(preset),
            psc: if bought == 0 { Psc::Transport } else { Psc::Ours },
            open: None,
        });
        self.cards.push(Card { chip, place: Place::Hand, presented: 0, insertion: 0, checked: (u64::MAX, 0) });
        let (first, loads) = (bought + 1, Vec::new());
        let one = Customer { user_no, meter_no, card_no, multiplier, standard, meter, first, begun_with, loads };
        self.customers.push(one);
    }

    /// No more failures: everything that is on its way arrives, every page gets its answer, every card is put in once more.
    fn settle_down(&mut self) {
        self.calm = true;
        self.step += 1;
        self.db_up = true;
        self.stash.clear();
        self.server_start();
        for s in 0..self.stations.len() {
            if self.stations[s].live.is_some() {
                // A full disk is seen to by starting anew.
                self.station_kill(s);
            }
            self.station_start(s);
            self.station_dials(s);
        }
        for card in 0..self.cards.len() {
            self.cards[card].chip.forget_tear();
        }
        self.pump();
        for round in 0..4 {
            for card in 0..self.cards.len() {
                self.take_out(card);
                self.pump();
                let s = (card + round) % self.stations.len();
                if let Some(there) = self.stations[s].slot {
                    self.take_out(there);
                    self.pump();
                }
                self.put_in(card, s);
                self.pump();
                for sale in self.open_sales() {
                    if self.db.sales[&sale].new.account == card && self.resume(sale) {
                        self.pump();
                    }
                }
                self.take_out(card);
                self.pump();
            }
            if self.open_sales().is_empty() || self.violation.is_some() {
                break;
            }
        }
        self.check_quiet();
        if self.violation.is_some() {
            return;
        }
        for card in 0..self.cards.len() {
            if self.chance.permille(500) {
                self.visit(card, card);
            }
        }
        self.check_quiet();
    }

    /// Everything that is on its way arrives, in turn, until nothing moves.
    fn pump(&mut self) {
        for _ in 0..20_000 {
            let mut moved = false;
            for s in 0..self.stations.len() {
                moved |= self.station_hears(s);
                while self.station_works(s) {
                    moved = true;
                }
                moved |= self.station_looks(s);
            }
            for number in self.lines.keys().copied().collect::<Vec<_>>() {
                moved |= self.server_hears(number);
                moved |= self.line_works(number);
            }
            moved |= self.page_works(0);
            for client in 0..self.clients.len() {
                if !matches!(self.clients[client].phase, Phase::Wanting | Phase::Quoted(_)) {
                    moved |= self.client(client);
                }
            }
            self.check();
            if !moved || self.violation.is_some() {
                return;
            }
        }
        self.broken("it does not come to rest".into());
    }
}
