//! The meters that we ship pass.

use dianka_kit::report::{Lang, Outcome};

use crate::{built, checked, failed};

#[test]
fn the_shipped_meters_pass_every_check() {
    let mut meters = 0;
    for entry in std::fs::read_dir(built::shipped()).unwrap() {
        let path = entry.unwrap().path();
        let report = checked(&path, 120);
        assert!(report.passed, "{}", report.to_text(Lang::En));
        if report.kind == Some(dianka_plugin_package::Kind::Meter) {
            meters += 1;
            assert!(report.checks.iter().all(|check| check.outcome == Outcome::Passed), "{}", report.to_text(Lang::En));
            // Each of them tried something.
            assert!(report.checks.iter().all(|check| check.cases > 0), "{}", report.to_text(Lang::En));
            let tokens = report.check("token-round-trip").is_some();
            assert_eq!(report.checks.len(), if tokens { 14 } else { 19 });
        }
    }
    assert!(meters >= 3);
}

#[test]
fn the_same_seed_makes_the_same_cases() {
    let path = std::fs::read_dir(built::shipped()).unwrap().map(|entry| entry.unwrap().path());
    let path = path.into_iter().find(|path| path.to_string_lossy().contains("gbt18460")).unwrap();
    let figures = |report: &dianka_kit::report::Report| {
        report.checks.iter().map(|check| (check.id, check.cases)).collect::<Vec<_>>()
    };
    let (one, two) = (checked(&path, 20), checked(&path, 20));
    assert_eq!(figures(&one), figures(&two));
    assert_eq!(failed(&one), Vec::<&str>::new());
    // Both languages, and JSON with the same answer.
    assert!(one.to_text(Lang::Zh).contains("全部通过"));
    let json = serde_json::to_value(&one).unwrap();
    assert_eq!(json["passed"], true);
    assert_eq!(json["checks"][0]["id"], "gate");
}
