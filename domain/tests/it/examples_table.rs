//! `docs/rules-examples.md` and the tests of the worked examples name each other completely.

use std::collections::BTreeSet;

const PAGE: &str = include_str!("../../../docs/rules-examples.md");
const SOURCES: [&str; 6] = [
    include_str!("r2_1.rs"),
    include_str!("r2_2.rs"),
    include_str!("r2_3.rs"),
    include_str!("r2_4.rs"),
    include_str!("r2_5.rs"),
    include_str!("mission_r.rs"),
];

#[test]
fn the_page_names_every_example_and_nothing_else() {
    let is_example = |name: &&str| name.starts_with("r2_") || name.starts_with("mission_r");
    let on_page: BTreeSet<&str> =
        PAGE.split('`').skip(1).step_by(2).filter(is_example).filter(|name| !name.contains('.')).collect();
    let tests = SOURCES.iter().flat_map(|source| source.split("#[test]\nfn ").skip(1));
    let tested: BTreeSet<&str> = tests.filter_map(|rest| rest.split("()").next()).collect();
    assert_eq!(on_page, tested);
    assert!(tested.len() > 60);
}
