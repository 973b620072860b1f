//! The contracts that a component may fulfil.

use std::fs;
use std::path::Path;

use dianka_plugin_package::{Contract, Kind, Version};
use wit_parser::{Resolve, WorldId};

use crate::Failure;

/// The released contracts, as they were when this program was built; of each kind the newest first.
const BUILT_IN: [(Kind, &str); 3] = [
    (Kind::Meter, include_str!("../../wit/meter/1.1.0/meter.wit")),
    (Kind::Meter, include_str!("../../wit/meter/1.0.0/meter.wit")),
    (Kind::Reader, include_str!("../../wit/reader/1.0.0/reader.wit")),
];

/// One contract, parsed.
pub struct World {
    /// Kind and name, `dianka:meter@1.0.0`.
    pub contract: Contract,
    /// Of the contract.
    pub version: Version,
    /// Where its types live.
    pub resolve: Resolve,
    /// `meter-driver` or `reader-driver`: what every driver of the kind exports.
    world: WorldId,
    /// All worlds of the contract, with the interfaces that each exports, without version.
    worlds: Vec<(WorldId, Vec<String>)>,
}

/// All contracts, of each kind the newest first.
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
        let package = resolve.packages.get(package).ok_or_else(|| broken("it has no package".to_owned()))?;
        let name = package.name.to_string();
        let version = split(&name).1.parse().map_err(|error| broken(format!("its version: {error}")))?;
        let worlds = package.worlds.values().map(|id| (*id, exports(&resolve, *id))).collect();
        Ok(Self { contract: Contract { kind, name }, version, resolve, world, worlds })
    }

    /// The world that a component with these exports has to fit: the greatest whose interfaces are all among them, so
    /// that an optional interface is checked when it is there.
    pub fn world_for(&self, exported: &[&str]) -> WorldId {
        let offered = |names: &&(WorldId, Vec<String>)| names.1.iter().all(|name| exported.contains(&name.as_str()));
        let greatest = self.worlds.iter().filter(offered).max_by_key(|(_, names)| names.len());
        greatest.map_or(self.world, |(id, _)| *id)
    }
}

fn exports(resolve: &Resolve, world: WorldId) -> Vec<String> {
    let keys = resolve.worlds.get(world).into_iter().flat_map(|world| world.exports.keys());
    keys.map(|key| split(&resolve.name_world_key(key)).0.to_owned()).collect()
}

/// `a:b/c@1.0.0` into `a:b/c` and `1.0.0`.
pub fn split(name: &str) -> (&str, &str) {
    name.split_once('@').unwrap_or((name, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The folder has what is built in, and nothing else.
    #[test]
    fn the_folder_and_the_program_have_the_same_contracts() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
        let names = |contracts: Contracts| {
            let mut names: Vec<_> = contracts.0.into_iter().map(|world| world.contract.name).collect();
            names.sort_unstable();
            names
        };
        assert_eq!(names(Contracts::from_folder(&folder).unwrap()), names(Contracts::built_in().unwrap()));
    }

    #[test]
    fn an_optional_interface_is_checked_when_it_is_there() {
        let Contracts(worlds) = Contracts::built_in().unwrap();
        let later = worlds.iter().find(|world| world.contract.name == "dianka:meter@1.1.0").unwrap();
        let name = |exported: &[&str]| later.resolve.worlds[later.world_for(exported)].name.clone();
        let both = ["dianka:meter/driver", "dianka:meter/simulator"];
        assert_eq!(name(&both), "meter-driver");
        assert_eq!(name(&[both[0], both[1], "dianka:meter/tokens"]), "token-driver");
        assert_eq!(name(&[both[0], both[1], "vendor:more/things"]), "meter-driver");
        // What lacks something is held against the least that there is.
        assert_eq!(name(&both[..1]), "meter-driver");
    }
}
