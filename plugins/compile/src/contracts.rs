//! The contracts that a component may fulfil.

use std::fs;
use std::path::Path;

use dianka_plugin_package::{Contract, Kind, Version};
use wit_parser::{Resolve, WorldId};

use crate::Failure;

/// The released contracts, as they were when this program was built.
const BUILT_IN: [(Kind, &str); 2] = [
    (Kind::Meter, include_str!("../../wit/meter/1.0.0/meter.wit")),
    (Kind::Reader, include_str!("../../wit/reader/1.0.0/reader.wit")),
];

/// One contract, parsed.
pub struct World {
    /// Kind and name, `dianka:meter@1.0.0`.
    pub contract: Contract,
    /// Where its types live.
    pub resolve: Resolve,
    /// `meter-driver` or `reader-driver`.
    pub world: WorldId,
}

/// All contracts.
pub struct Contracts(pub Vec<World>);

impl Contracts {
    /// Those inside this program.
    pub fn built_in() -> Result<Self, Failure> {
        BUILT_IN.into_iter().map(|(kind, wit)| World::parse(kind, wit)).collect::<Result<_, _>>().map(Self)
    }

    /// Those in `folder`: `<kind>/<version>/<kind>.wit`, newest version first.
    pub fn from_folder(folder: &Path) -> Result<Self, Failure> {
        let mut worlds = Vec::new();
        for kind in Kind::ALL {
            let mut versions = versions_in(&folder.join(kind.name()))?;
            versions.sort_unstable_by(|a, b| b.cmp(a));
            for version in versions {
                let path = folder.join(kind.name()).join(version.to_string()).join(format!("{kind}.wit"));
                let wit = fs::read_to_string(&path)
                    .map_err(|error| Failure::Host(format!("{} cannot be read: {error}", path.display())))?;
                worlds.push(World::parse(kind, &wit)?);
            }
        }
        Ok(Self(worlds))
    }
}

fn versions_in(folder: &Path) -> Result<Vec<Version>, Failure> {
    let unreadable = |error: std::io::Error| Failure::Host(format!("{} cannot be read: {error}", folder.display()));
    let mut versions = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        versions.extend(name.to_str().and_then(|name| name.parse::<Version>().ok()));
    }
    Ok(versions)
}

impl World {
    fn parse(kind: Kind, wit: &str) -> Result<Self, Failure> {
        let broken = |error: String| Failure::Host(format!("the contract for {kind} drivers does not parse: {error}"));
        let mut resolve = Resolve::default();
        let package = resolve.push_source(&format!("{kind}.wit"), wit).map_err(|error| broken(format!("{error:#}")))?;
        let world = resolve
            .select_world(&[package], Some(&format!("{kind}-driver")))
            .map_err(|error| broken(format!("{error:#}")))?;
        let name = resolve.packages.get(package).map(|package| package.name.to_string());
        let name = name.ok_or_else(|| broken("it has no package".to_owned()))?;
        Ok(Self { contract: Contract { kind, name }, resolve, world })
    }
}
