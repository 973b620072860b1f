//! The checks of meter drivers. Each file is one subject, each function one check.

mod access;
mod bench;
mod bounds;
pub(crate) mod cards;
mod damage;
mod describe;
mod displays;
mod keys;
pub(crate) mod kinds;
mod limits;
mod plans;
pub(crate) mod round_trip;
mod rules;
mod same;
mod subject;
mod tears;
pub(crate) mod tokens;

use dianka_plugin_host::meter::Carrier;

pub(crate) use self::bench::Meter;
pub(crate) use self::keys::TestKeys;
pub use self::subject::Subject;
use crate::report::Check;

/// All checks of this driver.
#[must_use]
pub fn checks(subject: &Subject) -> Vec<Check> {
    let mut checks = vec![describe::complete(subject), plans::agree(subject)];
    if subject.description().carrier == Carrier::Token {
        checks.extend(tokens::checks(subject));
    } else {
        checks.extend([
            round_trip::purchases(subject),
            kinds::service_cards(subject),
            access::rules(subject),
            bounds::quantities(subject),
            bounds::wild(subject),
            same::answers(subject),
            rules::counter(subject),
            rules::preset(subject),
            rules::hoarding(subject),
            rules::strangers(subject),
            rules::books(subject),
            tears::torn(subject),
            damage::noise(subject),
            damage::one_bit(subject),
            displays::table(subject),
        ]);
    }
    checks.push(limits::budget(subject));
    checks
}
