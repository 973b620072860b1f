//! Every item of the manual's first appendix, on the LCD and on the LED.

#![expect(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

use dianka_meter_engine::describe;
use dianka_meter_engine::meter::{Limits, Meter, snapshot};
use dianka_meter_tests::{Bench, GB, KWH, bought, purchase, setup, written};
use dianka_sdk::meter::simulator::Setup;
use dianka_sdk::meter::types::Purchase;

fn shown(meter: &Meter, id: &str) -> (String, String) {
    let line = snapshot(&GB, meter).lines.into_iter().find(|line| line.id == id).unwrap();
    (line.lcd, line.led)
}

fn pair(lcd: &str, led: &str) -> (String, String) {
    (lcd.to_owned(), led.to_owned())
}

#[test]
fn a_meter_in_use() {
    let mut bench = Bench::new(GB);
    bench.buy(Purchase {
        overdraft_wh: 5 * KWH,
        hoard_wh: 9999 * KWH,
        limit_mode: 1,
        capacity_w: 8800,
        ..purchase(1, 300)
    });
    // 1.5 kW for 2.5 hours: 3.75 kWh, and 100 s more: 41.67 Wh, of which 31.67 Wh are 1.67 Wh over three hundredths.
    bench.meter.pass(&GB, 9100, 1500);
    let meter = &bench.meter;
    let expected = [
        ("constant", "常数,3200", "HC==  3200"),
        ("meter-no", "表号,00001234", "CH00  1234"),
        ("user-no", "表号,00000161", "HH00  0161"),
        ("total-used", "总电量,000003.79 KWh", "0000  03.79"),
        ("remaining", "剩余电量,296.20 KWh", "2  96.20"),
        ("total-purchased", "总购电量,300 KWh", "P=00  0300"),
        ("date", "购 24-03-15", "PH24  0315"),
        ("count", "购次数,1", "PC==  0001"),
        ("quantity", "购电量,300 KWh", "P0==  0300"),
        ("alarm", "报警电量,30 KWh", "P1==  0030"),
        ("overdraft", "电量限量,5 KWh", "P2==  0005"),
        ("hoard", "剩余限量,9999 KWh", "P3==  9999"),
        ("status", "E=00", "E=00"),
        ("control", "F01=08.80 KW", "F01=  08.80"),
        ("run-time", "2.52 h", "H000  02.52"),
        ("power", "1.500 KW", "1.50"),
        // 8.33 Wh of the next hundredth at 3200 imp/kWh.
        ("pulses", "剩余,296.20.26 KWh", "296  20.26"),
        ("version", "A101  0100", "A101  0100"),
        ("card-error", "", ""),
        ("readings", "CH=0000", "CPH=  0000"),
    ];
    for (id, lcd, led) in expected {
        assert_eq!(shown(meter, id), pair(lcd, led), "{id}");
    }
    // The table that customers' words are looked up in has the same items in the same order.
    let lines = snapshot(&GB, meter).lines;
    let table = describe::describe(&GB).displays;
    assert_eq!(lines.len(), expected.len());
    assert!(lines.iter().zip(&table).all(|(line, item)| line.id == item.id));
}

#[test]
fn card_errors() {
    let mut bench = Bench::new(GB);
    let outcome = bench.insert(&mut written(&GB, &bought(Purchase { meter_no: 9, ..purchase(1, 300) })));
    assert_eq!(outcome.display, "E=C07");
    assert_eq!(shown(&bench.meter, "card-error"), pair("E=C07", "E=CE"));
    assert_eq!(bench.buy(purchase(1, 300)).display, "剩余电量,300.00 KWh");
    assert_eq!(shown(&bench.meter, "card-error"), pair("", ""));
}

#[test]
fn small_great_and_negative_figures() {
    let meter = |balance_ws: i64| Meter { balance_ws, powered: true, constant: 3200, ..Meter::default() };
    assert_eq!(shown(&meter(0), "remaining"), pair("剩余电量,0.00 KWh", "0.00"));
    assert_eq!(shown(&meter(5 * 3_600_000), "remaining"), pair("剩余电量,5.00 KWh", "5.00"));
    assert_eq!(shown(&meter(305 * 3_600_000), "remaining"), pair("剩余电量,305.00 KWh", "3  05.00"));
    assert_eq!(shown(&meter(-1), "remaining"), pair("剩余电量,-0.01 KWh", "-0.01"));
    assert_eq!(shown(&meter(-1234 * 36_000), "remaining"), pair("剩余电量,-12.34 KWh", "-12.34"));
    assert_eq!(shown(&meter(-1), "pulses"), pair("剩余,0.00.00 KWh", "00.00"));
    let great = Meter {
        used_ws: 1_234_567 * 3_600_000,
        purchased_wh: 123_456 * KWH,
        run_seconds: 123_456 * 3600,
        load_w: 123_456,
        limits: Limits { quantity_wh: 12_000 * KWH, ..Limits::default() },
        ..meter(999_999 * 3_600_000)
    };
    assert_eq!(shown(&great, "total-used"), pair("总电量,234567.00 KWh", "2345  67.00"));
    assert_eq!(shown(&great, "total-purchased"), pair("总购电量,123456 KWh", "P=12  3456"));
    assert_eq!(shown(&great, "run-time"), pair("123456.00 h", "H234  56.00"));
    assert_eq!(shown(&great, "power"), pair("123.456 KW", "1  23.45"));
    // Four digits cannot say 12,000: better nothing than 2000.
    assert_eq!(shown(&great, "quantity"), pair("购电量,12000 KWh", "P0==  ----"));
    let fine = Meter::fresh(&Setup { constant: 12_000, meter_no: 98_765_432, ..setup() }).unwrap();
    assert_eq!(shown(&fine, "constant"), pair("常数,----", "HC==  ----"));
    assert_eq!(shown(&fine, "meter-no"), pair("表号,98765432", "CH76  5432"));
}
