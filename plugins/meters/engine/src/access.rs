//! The rule of the card's password. Neither key nor password is ever here: the host's key provider signs the message.

use dianka_sdk::meter::types::{AccessRule, Content, Derivation, Refusal};

use crate::fields::{self, Values};
use crate::profile::{Item, Standard};

/// A blank card has its maker's transport code; any other card's password is derived from its identity and the version
/// of the site's key that it was issued under.
///
/// # Errors
/// `above-maximum` if the identity holds a number that no card can carry.
pub fn access(standard: &Standard, content: &Content) -> Result<AccessRule, Refusal> {
    let rule = &standard.profile.code;
    if content.kind == "blank" {
        return Ok(AccessRule::Transport(rule.transport.to_vec()));
    }
    let values = Values::default()
        .with(Item::KeyVersion, content.key_version.into())
        .with(Item::SystemCode, content.system_code.into())
        .with(Item::Region, content.region.into())
        .with_number(Item::UserNo, content.user_no)
        .with(Item::CardNo, content.card_no.into());
    let mut message = rule.prefix.to_vec();
    fields::write(rule.fields, &values, &mut message)?;
    Ok(AccessRule::Derived(Derivation { slot: rule.slot.into(), message, len: rule.len }))
}
