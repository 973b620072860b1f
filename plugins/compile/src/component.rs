//! From a core module to a component.

use dianka_plugin_package::{MANIFEST_SECTION, Manifest, append_section};
use wit_component::ComponentEncoder;

use crate::Failure;

/// Wraps the core module `core` into a validated component, with the manifest inside if there is one.
pub fn wrap(core: &[u8], manifest: Option<&[u8]>) -> Result<Vec<u8>, Failure> {
    let mut component = ComponentEncoder::default()
        .validate(true)
        .module(core)
        .and_then(|encoder| encoder.encode())
        .map_err(|error| Failure::Refused(format!("the module does not become a component: {error:#}")))?;
    if let Some(json) = manifest {
        let manifest = Manifest::parse(json).map_err(|error| Failure::Refused(error.to_string()))?;
        let compact = serde_json::to_vec(&manifest).map_err(|error| Failure::Host(error.to_string()))?;
        append_section(&mut component, MANIFEST_SECTION, &compact);
    }
    Ok(component)
}
