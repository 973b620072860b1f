//! Whether a component is a driver at all.

use dianka_plugin_package::{Kind, MAX_DRIVER_BYTES, Notice, Verdict, Version};
use wasmparser::{Validator, WasmFeatures};
use wit_parser::decoding::{DecodedWasm, decode};

use crate::contracts::{Contracts, World, split};

/// What a driver may import, by kind: interface names without their version. The interface of types only is among
/// the imports of everything that uses its types; there is nothing in it to call.
fn allowed(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Meter => &["dianka:meter/types"],
        Kind::Reader => &["dianka:reader/port", "dianka:reader/log"],
    }
}

/// Judges the raw bytes of a component.
pub fn judge(bytes: &[u8], contracts: &Contracts) -> Verdict {
    let mut verdict = Verdict {
        fulfils: None,
        imports: Vec::new(),
        bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        refused: None,
    };
    match examine(bytes, contracts, &mut verdict.imports) {
        Ok(world) => verdict.fulfils = Some(world.contract.clone()),
        Err(notice) => verdict.refused = Some(notice),
    }
    verdict
}

fn examine<'a>(bytes: &[u8], contracts: &'a Contracts, imports: &mut Vec<String>) -> Result<&'a World, Notice> {
    if u64::try_from(bytes.len()).map_or(true, |size| size > MAX_DRIVER_BYTES) {
        let zh = format!("驱动文件超过 {MAX_DRIVER_BYTES} 字节的上限");
        return Err(Notice::new("too-large", zh, format!("a driver has at most {MAX_DRIVER_BYTES} bytes")));
    }
    Validator::new_with_features(features()).validate_all(bytes).map_err(|error| {
        Notice::new("not-valid", "文件不是有效的 WebAssembly 组件，或使用了不允许的指令", error.to_string())
    })?;
    let shape = Shape::of(bytes)?;
    imports.clone_from(&shape.imports);
    let world = shape.world(contracts)?;
    shape.check_imports(world.contract.kind)?;
    let target = world.world_for(&shape.interfaces());
    wit_component::targets(&world.resolve, target, bytes, true).map_err(|error| {
        let zh = format!("驱动与接口约定 {} 不符", world.contract.name);
        Notice::new("wrong-contract", zh, format!("not a driver of {}: {error:#}", world.contract.name))
    })?;
    Ok(world)
}

/// What the engine runs (see `engine_config`), said here to get a clear text before a compiler sees the file.
fn features() -> WasmFeatures {
    let mut features = WasmFeatures::WASM2 | WasmFeatures::COMPONENT_MODEL | WasmFeatures::EXTENDED_CONST;
    features.remove(WasmFeatures::SIMD);
    features
}

/// The interfaces that a component imports and exports, by name.
struct Shape {
    imports: Vec<String>,
    exports: Vec<String>,
}

impl Shape {
    fn of(bytes: &[u8]) -> Result<Self, Notice> {
        let opaque = |why: String| Notice::new("not-a-component", "文件不是 WebAssembly 组件", why);
        let decoded = decode(bytes).map_err(|error| opaque(format!("{error:#}")))?;
        let DecodedWasm::Component(resolve, id) = decoded else {
            return Err(opaque("this is a package of interfaces, not a component".to_owned()));
        };
        let world = resolve.worlds.get(id).ok_or_else(|| opaque("it has no world".to_owned()))?;
        let names = |items: Vec<&wit_parser::WorldKey>| {
            items.into_iter().map(|key| resolve.name_world_key(key)).collect::<Vec<_>>()
        };
        Ok(Self { imports: names(world.imports.keys().collect()), exports: names(world.exports.keys().collect()) })
    }

    /// The contract whose driver interface is exported: of those of its major the newest that is not newer than what the
    /// component was built against (see docs/contracts.md).
    fn world<'a>(&self, contracts: &'a Contracts) -> Result<&'a World, Notice> {
        let older = |world: &&World| self.built_against(world).is_some_and(|built| world.version <= built);
        let same_major = |world: &&World| self.built_against(world).is_some();
        let newest = contracts.0.iter().find(older).or_else(|| contracts.0.iter().rfind(same_major));
        newest.ok_or_else(|| {
            let en = format!("it exports {:?} and no driver interface that is known here", self.exports);
            Notice::new("wrong-world", "组件不是电表驱动，也不是读卡器驱动", en)
        })
    }

    /// The version that the component was built against, if that is one of this contract's major.
    fn built_against(&self, world: &World) -> Option<Version> {
        let driver = format!("{}/driver", split(&world.contract.name).0);
        let mut versions = self.exports.iter().filter_map(|export| {
            let (name, version) = split(export);
            if name == driver { version.parse::<Version>().ok() } else { None }
        });
        versions.find(|version| version.major == world.version.major)
    }

    /// Names of the exported interfaces, without version.
    fn interfaces(&self) -> Vec<&str> {
        self.exports.iter().map(|export| split(export).0).collect()
    }

    fn check_imports(&self, kind: Kind) -> Result<(), Notice> {
        let stranger = self.imports.iter().find(|import| !allowed(kind).contains(&split(import).0));
        stranger.map_or(Ok(()), |name| {
            let zh = format!("驱动要求未授权的接口：{name}");
            Err(Notice::new("import-not-allowed", zh, format!("a {kind} driver may not import {name}")))
        })
    }
}
