//! The driver of STS keypad meters with the software key provider: the published tokens, the check of a token, and the
//! virtual meter.

use std::sync::OnceLock;

use dianka_domain::units::MeterEnergy;
use dianka_plugin_host::CallError;
use dianka_plugin_host::meter::{MeterDriver, Param, Setup, Value};
use dianka_plugin_host::token::{
    KeyError, Minute, SoftwareKeys, TokenError, TokenMeter, TokenOrder, TokenRequest, verify_token,
};
use zeroize::Zeroizing;

use crate::shipped;

/// The vending key of the published test cases, in the slots of three revisions.
pub fn keys() -> SoftwareKeys {
    let mut keys = SoftwareKeys::new();
    for revision in [1, 4, 5] {
        let key = hex::decode("abababababababab949494949494949401234567").unwrap();
        keys.put(&format!("sts-123457-2-{revision}"), Zeroizing::new(key)).unwrap();
    }
    keys
}

fn driver() -> MeterDriver {
    static DRIVER: OnceLock<MeterDriver> = OnceLock::new();
    DRIVER.get_or_init(|| shipped::open().meter("sts.ea11").unwrap()).clone()
}

/// A meter of supply group 123457.
pub fn meter(meter_no: u64, revision: i64, base: i64) -> TokenMeter {
    let int = |name: &str, value| Param { name: name.into(), value: Value::Int(value) };
    let group = Param { name: "supply-group".into(), value: Value::Text("123457".into()) };
    TokenMeter { meter_no, params: vec![group, int("key-revision", revision), int("base-date", base)] }
}

pub fn credit(wh: i64) -> TokenOrder {
    TokenOrder::Credit { quantity_wh: MeterEnergy::from_wh(wh) }
}

fn other(kind: &str, amount: i64) -> TokenOrder {
    TokenOrder::Other { kind: kind.into(), amount }
}

pub const fn minute(year: u16, month: u8, day: u8, hour: u8, minute: u8) -> Minute {
    Minute { year, month, day, hour, minute }
}

/// All of the published test cases have chance 5.
fn request(order: TokenOrder, meter: TokenMeter, issued: Minute) -> TokenRequest {
    TokenRequest { order, meter, issued, after: None, chance: 5 }
}

/// STS 531-1: meters 600727 00000000000 9 and 0000 0100000000008 2.
fn published() -> Vec<(TokenRequest, &'static str)> {
    const LONG: u64 = 100_000_000_008;
    let first = |order, issued| request(order, meter(0, 1, 1993), issued);
    let march = |day, hour, at| minute(2004, 3, day, hour, at);
    vec![
        (first(credit(100), march(1, 13, 0)), "59386323472137426967"),
        (first(other("credit-water", 1), march(1, 13, 5)), "47186281207955155808"),
        (first(other("credit-gas", 1), march(1, 13, 10)), "52059556253782091701"),
        (request(credit(100), meter(LONG, 1, 1993), march(1, 13, 20)), "25453597494250138964"),
        (request(credit(100), meter(0, 4, 2014), minute(2014, 1, 1, 8, 0)), "13444522537517076834"),
        (request(credit(100), meter(0, 5, 2035), minute(2035, 1, 1, 8, 0)), "11907826947753213480"),
        (first(other("max-power", 1000), march(28, 9, 1)), "26521936751055502278"),
        (first(other("clear-credit", 0xFFFF), march(28, 9, 15)), "59725289138639529749"),
        (request(other("clear-credit", 0xFFFF), meter(LONG, 1, 1993), march(28, 9, 16)), "43917986274716482997"),
        (first(other("clear-tamper", 0), march(28, 10, 0)), "02455019196514047304"),
        (first(other("phase-unbalance", 10), march(28, 10, 20)), "16135127146988830614"),
        (first(other("clear-credit", 0xFFFF), march(29, 0, 0)), "09791211239166238461"),
        (first(other("clear-credit", 0xFFFF), march(29, 0, 1)), "18070818655140104337"),
        (first(other("clear-credit", 0xFFFF), march(29, 0, 3)), "59463760341829598722"),
    ]
}

fn refusal<T: std::fmt::Debug>(result: Result<T, TokenError>) -> dianka_plugin_host::meter::Refusal {
    match result {
        Err(TokenError::Call(CallError::Refusal(refusal))) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn all_14_published_tokens_are_made_checked_and_read_back() {
    let (driver, keys) = (driver(), keys());
    assert_eq!(published().len(), 14);
    for (request, digits) in published() {
        let token = driver.token(&request, &keys).unwrap();
        assert_eq!(token.digits, digits, "{request:?}");
        assert_eq!(verify_token(&driver, &request, &token, &keys), Ok(()));
        let read = driver.read_token(&request.meter, digits, &keys).unwrap();
        assert_eq!((&read.order, read.chance, read.identifier), (&request.order, 5, token.identifier));
        let reserved = request.issued == minute(2004, 3, 29, 0, 1);
        let dated = if reserved { minute(2004, 3, 29, 0, 2) } else { request.issued };
        assert_eq!(read.issued, dated);
    }
}

#[test]
fn thousands_of_tokens_pass_the_check() {
    let (driver, keys) = (driver(), keys());
    let (mut chance, mut after) = (1_u64, None);
    for round in 0..1500 {
        chance = chance.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(round);
        // Every energy that exists: the exact part, and the grid of the wider steps.
        let units = match chance >> 62 {
            0 => 16_384 + (chance >> 8) % 16_384 * 10,
            1 => 180_224 + (chance >> 8) % 16_384 * 100,
            2 => 1_818_624 + (chance >> 8) % 16_384 * 1000,
            _ => 1 + (chance >> 8) % 16_384,
        };
        let order = credit(i64::try_from(units).unwrap() * 100);
        let request = TokenRequest { after, chance, ..request(order, meter(18, 4, 2014), minute(2026, 11, 22, 12, 0)) };
        let token = driver.token(&request, &keys).unwrap();
        assert_eq!(verify_token(&driver, &request, &token, &keys), Ok(()), "{request:?}");
        after = Some(token.identifier);
    }
    assert_eq!(driver.quarantine(), None);
}

#[test]
fn energies_that_no_token_carries_are_refused_with_their_neighbours() {
    let (driver, keys) = (driver(), keys());
    let ask = |wh| {
        let order = credit(wh);
        refusal(driver.token(&request(order, meter(0, 1, 1993), minute(2004, 3, 1, 13, 0)), &keys))
    };
    let int = |refusal: &dianka_plugin_host::meter::Refusal, name: &str| {
        let found = refusal.params.iter().find(|param| param.name == name).unwrap();
        if let Value::Int(value) = found.value { value } else { panic!("{found:?}") }
    };
    for (wh, lower, upper) in [
        (150, 100, 200),
        (1_638_450, 1_638_400, 1_639_400),
        (1_638_500, 1_638_400, 1_639_400),
        (18_022_300, 18_021_400, 18_022_400),
        (181_862_300, 181_852_400, 181_862_400),
    ] {
        let refused = ask(wh);
        assert_eq!(refused.code, "not-a-step", "{wh}");
        assert_eq!((int(&refused, "lower-wh"), int(&refused, "upper-wh")), (lower, upper));
    }
    assert_eq!(ask(0).code, "below-minimum");
    assert_eq!(ask(-100).code, "below-minimum");
    assert_eq!(ask(1_820_162_500).code, "above-maximum");
    assert_eq!(ask(i64::MAX).code, "above-maximum");
}

#[test]
fn a_wrong_digit_and_another_meters_token_are_not_read() {
    let (driver, keys) = (driver(), keys());
    let mine = meter(0, 1, 1993);
    let read = |digits: &str| driver.read_token(&mine, digits, &keys);
    assert!(read("5938 6323 4721 3742 6967").is_ok());
    assert_eq!(refusal(read("59386323472137426968")).code, "checksum");
    assert_eq!(refusal(read("25453597494250138964")).code, "checksum");
    assert_eq!(refusal(read("5938632347213742696")).code, "bad-input");
    assert_eq!(refusal(read("99999999999999999999")).code, "bad-input");
    assert_eq!(refusal(driver.read_token(&meter(1, 1, 1993), "59386323472137426967", &keys)).code, "bad-field");
    let nothing = TokenMeter { meter_no: 0, params: vec![] };
    assert_eq!(refusal(driver.read_token(&nothing, "59386323472137426967", &keys)).code, "bad-input");
}

#[test]
fn without_the_key_there_is_no_token() {
    let (driver, keys) = (driver(), keys());
    let request = request(credit(100), meter(0, 9, 2014), minute(2026, 1, 1, 8, 0));
    let slot = "sts-123457-2-9".to_owned();
    assert_eq!(driver.token(&request, &keys), Err(TokenError::Key(KeyError::NoSlot { slot })));
    assert_eq!(driver.quarantine(), None);
}

/// A meter 18 of revision 4, dark to nothing, and a shop that sells to it.
struct Bench {
    state: Vec<u8>,
    after: Option<u64>,
}

impl Bench {
    fn new() -> Self {
        let setup = Setup { meter_no: 18, constant: 1600, system_code: 0, region: 0 };
        Self { state: driver().fresh(&setup).unwrap(), after: None }
    }

    fn buy(&mut self, order: TokenOrder) -> String {
        let request =
            TokenRequest { after: self.after, ..request(order, meter(18, 4, 2014), minute(2026, 11, 22, 12, 0)) };
        let token = driver().token(&request, &keys()).unwrap();
        assert_eq!(verify_token(&driver(), &request, &token, &keys()), Ok(()));
        self.after = Some(token.identifier);
        token.digits
    }

    /// Enters a token; what the meter says, and its credit afterwards.
    fn enter(&mut self, digits: &str) -> (String, String, i64) {
        let outcome = driver().enter_token(&self.state, &meter(18, 4, 2014), digits, &keys()).unwrap();
        self.state = outcome.state;
        (outcome.code, outcome.display, self.look().balance_wh.wh())
    }

    fn pass(&mut self, seconds: u64, watts: u32) {
        self.state = driver().pass(&self.state, seconds, watts).unwrap();
    }

    fn look(&self) -> dianka_plugin_host::meter::Snapshot {
        driver().look(&self.state).unwrap()
    }
}

fn said(code: &str, display: &str, balance: i64) -> (String, String, i64) {
    (code.into(), display.into(), balance)
}

#[test]
fn the_virtual_meter_takes_a_token_once_and_counts_down() {
    let mut bench = Bench::new();
    assert!(!bench.look().relay_closed);
    let (first, second) = (bench.buy(credit(1000)), bench.buy(credit(500)));
    // In whatever order they come.
    assert_eq!(bench.enter(&second), said("loaded", "ACCEPt", 500));
    assert_eq!(bench.enter(&first), said("loaded", "ACCEPt", 1500));
    assert_eq!(bench.enter(&first), said("token-used", "USEd", 1500));
    assert_eq!(bench.enter(&second), said("token-used", "USEd", 1500));

    bench.pass(3600, 1000);
    let look = bench.look();
    assert_eq!((look.balance_wh.wh(), look.total_used_wh.wh(), look.relay_closed), (500, 1000, true));
    assert_eq!(look.lines.iter().find(|line| line.id == "remaining").unwrap().lcd, "0.5 kWh");
    bench.pass(1_000_000, 1000);
    let look = bench.look();
    assert_eq!((look.balance_wh.wh(), look.total_used_wh.wh(), look.relay_closed), (0, 1500, false));
    assert_eq!((look.total_purchased_wh.wh(), look.count), (1500, 2));
}

#[test]
fn the_virtual_meter_refuses_what_is_old_or_not_its_own() {
    let mut bench = Bench::new();
    let oldest = bench.buy(credit(100));
    let tokens: Vec<String> = (0..50).map(|_| bench.buy(credit(100))).collect();
    for token in &tokens {
        assert_eq!(bench.enter(token).0, "loaded");
    }
    // Fifty are remembered; what is older than all of them might have been taken before.
    assert_eq!(bench.enter(&oldest), said("token-old", "OLd", 5000));
    assert_eq!(bench.enter(&tokens[0]), said("token-used", "USEd", 5000));
    let next = bench.buy(credit(100));
    assert_eq!(bench.enter(&next).0, "loaded");
    assert_eq!(bench.enter(&tokens[0]).0, "token-old");

    // Another meter's token, and one with a wrong digit.
    assert_eq!(bench.enter("59386323472137426967"), said("unreadable", "rEJEct", 5100));
    let mut wrong = bench.buy(credit(100)).into_bytes();
    wrong[19] = if wrong[19] == b'0' { b'1' } else { b'0' };
    assert_eq!(bench.enter(&String::from_utf8(wrong).unwrap()), said("unreadable", "rEJEct", 5100));
    let water = bench.buy(other("credit-water", 1));
    assert_eq!(bench.enter(&water), said("wrong-kind", "rEJEct", 5100));
}

#[test]
fn a_full_register_takes_the_token_later() {
    let mut bench = Bench::new();
    let most = bench.buy(credit(99_922_400));
    assert_eq!(bench.enter(&most).0, "loaded");
    let token = bench.buy(credit(100_000));
    assert_eq!(bench.enter(&token), said("register-full", "FULL", 99_922_400));
    bench.pass(3600 * 100, 1000);
    assert_eq!(bench.enter(&token), said("loaded", "ACCEPt", 99_922_400));
}

#[test]
fn management_tokens_do_what_they_say() {
    let mut bench = Bench::new();
    let token = bench.buy(credit(10_000));
    bench.enter(&token);
    let limit = bench.buy(other("max-power", 1000));
    assert_eq!(bench.enter(&limit), said("limit-set", "ACCEPt", 10_000));
    // Within the limit for ever, above it for 30 s.
    bench.pass(3600, 1000);
    assert!(bench.look().relay_closed);
    bench.pass(29, 3600);
    assert!(bench.look().relay_closed);
    bench.pass(100, 3600);
    let look = bench.look();
    assert_eq!((look.relay_closed, look.status), (false, 0x04));
    // 1 kWh, and 30 s of 3.6 kW.
    assert_eq!(look.balance_wh.wh(), 10_000 - 1000 - 30);
    bench.state = driver().power(&bench.state, false).unwrap();
    bench.state = driver().power(&bench.state, true).unwrap();
    assert!(bench.look().relay_closed);
    let tamper = bench.buy(other("clear-tamper", 0));
    assert_eq!(bench.enter(&tamper).0, "tamper-cleared");
    let clear = bench.buy(other("clear-credit", 0xFFFF));
    assert_eq!(bench.enter(&clear), said("cleared", "ACCEPt", 0));
    assert_eq!(bench.enter(&clear).0, "token-used");
}
