//! What an operator may do. Each right is a name on the wire and a type for [`crate::auth::Guard`].

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A right as a type: `Guard<SellEnergy>` in a handler's arguments is the permission check.
pub trait Right: 'static {
    /// The right, or `None` when being logged in is enough.
    const NAME: Option<RightName>;
}

/// Being logged in is enough.
pub struct LoggedIn;

impl Right for LoggedIn {
    const NAME: Option<RightName> = None;
}

macro_rules! rights {
    ($( $(#[doc = $doc:literal])* $name:ident = $wire:tt; )*) => {
        /// A right by its name, as operators have it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        pub enum RightName { $( $(#[doc = $doc])* #[serde(rename = $wire)] $name, )* }

        impl RightName {
            /// All rights: what the first administrator gets.
            pub const ALL: &'static [RightName] = &[ $( RightName::$name, )* ];

            /// The name on the wire and in the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $( RightName::$name => $wire, )* }
            }

            /// The right with this name.
            #[must_use]
            pub fn parse(text: &str) -> Option<RightName> {
                match text { $( $wire => Some(RightName::$name), )* _ => None }
            }
        }

        $( $(#[doc = $doc])* pub struct $name;
           impl Right for $name { const NAME: Option<RightName> = Some(RightName::$name); } )*
    };
}

rights! {
    /// Read cards, quote, sell, write cards, print receipts.
    SellEnergy = "sell-energy";
    /// Give the money of an unfinished sale back.
    VoidSale = "void-sale";
    /// Open accounts and assign meters.
    OpenAccount = "open-account";
    /// Look up accounts, their meters, sales and readings.
    ReadAccounts = "read-accounts";
    /// Take meters into stock.
    ManageStock = "manage-stock";
    /// Meter types, tariffs, areas.
    ManageSetup = "manage-setup";
    /// Sites, workstations and their readers.
    ManageSites = "manage-sites";
    /// Operators and their rights.
    ManageOperators = "manage-operators";
    /// Drivers and the keys of their vendors.
    ManageDrivers = "manage-drivers";
    /// Reports.
    ReadAnalysis = "read-analysis";
    /// The virtual cards and meters of the learning mode.
    UseBench = "use-bench";
}

/// The rights of one operator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights(u32);

impl Rights {
    /// Whether the right is among them.
    #[must_use]
    pub fn has(self, right: RightName) -> bool {
        self.0 & bit(right) != 0
    }

    /// The rights by name, in the order of the table.
    pub fn names(self) -> impl Iterator<Item = RightName> {
        RightName::ALL.iter().copied().filter(move |right| self.has(*right))
    }
}

impl FromIterator<RightName> for Rights {
    fn from_iter<T: IntoIterator<Item = RightName>>(rights: T) -> Rights {
        Rights(rights.into_iter().fold(0, |all, right| all | bit(right)))
    }
}

/// From names as the database has them; an unknown name (of a newer version) gives nothing.
impl<'a> FromIterator<&'a str> for Rights {
    fn from_iter<T: IntoIterator<Item = &'a str>>(names: T) -> Rights {
        names.into_iter().filter_map(RightName::parse).collect()
    }
}

fn bit(right: RightName) -> u32 {
    let place = RightName::ALL.iter().position(|r| *r == right);
    place.and_then(|n| u32::try_from(n).ok()).map_or(0, |n| 1 << n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        let all: Rights = RightName::ALL.iter().copied().collect();
        assert_eq!(all.names().collect::<Vec<_>>(), RightName::ALL);
        let some: Rights = ["sell-energy", "of-tomorrow"].into_iter().collect();
        assert!(some.has(RightName::SellEnergy));
        assert!(!some.has(RightName::ManageSites));
    }
}
