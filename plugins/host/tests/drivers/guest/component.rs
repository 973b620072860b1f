//! From text to a component in a file, and the compiler that the registry needs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use dianka_plugin_host::package::{MANIFEST_SECTION, append_section};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// A component's bytes.
#[derive(Clone)]
pub struct Component(pub Vec<u8>);

impl Component {
    /// Wraps the core module `wat` for the world `world` of the last of the packages `wit`.
    pub fn wrap(wat: &str, wit: &[&str], world: &str) -> Self {
        let mut core = wat::parse_str(wat).unwrap_or_else(|error| panic!("{error}\n{wat}"));
        let mut resolve = Resolve::default();
        let packages: Vec<_> = wit.iter().map(|text| resolve.push_source("guest.wit", text).unwrap()).collect();
        let world = resolve.select_world(&packages[packages.len() - 1..], Some(world)).unwrap();
        embed_component_metadata(&mut core, &resolve, world, StringEncoding::UTF8, false).unwrap();
        let component = ComponentEncoder::default().validate(true).module(&core).and_then(|encoder| encoder.encode());
        Self(component.unwrap_or_else(|error| panic!("{error:#}\n{wat}")))
    }

    /// With a manifest inside.
    pub fn with_manifest(mut self, kind: &str, id: &str, version: &str) -> Self {
        let json = format!(
            r#"{{"id":"{id}","version":"{version}","kind":"{kind}","contract":"dianka:{kind}@1.0.0","vendor":"Test"}}"#
        );
        append_section(&mut self.0, MANIFEST_SECTION, json.as_bytes());
        self
    }

    /// Writes it beside its final name and renames it, as an installer does.
    pub fn install(&self, dir: &Path, name: &str) -> PathBuf {
        let (draft, path) = (dir.join(format!("{name}.part")), dir.join(name));
        std::fs::write(&draft, &self.0).unwrap();
        std::fs::rename(&draft, &path).unwrap();
        path
    }
}

/// The real `dianka-plugc`, brought up to date once for each run of the tests. It is a build of its own, because the
/// features of one build are shared and the host must not gain a compiler.
pub fn plugc() -> PathBuf {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        if let Some(built) = std::env::var_os("DIANKA_PLUGC").map(PathBuf::from).filter(|path| path.exists()) {
            return built;
        }
        // .../target/debug/deps/drivers-0123 -> .../target/debug
        let profile = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_path_buf();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--package", "dianka-plugin-compile", "--target-dir"]);
        cargo.arg(profile.parent().unwrap()).current_dir(env!("CARGO_MANIFEST_DIR"));
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        let built = cargo.status().expect("cargo starts");
        assert!(built.success(), "dianka-plugc does not build");
        profile.join("dianka-plugc")
    })
    .clone()
}
