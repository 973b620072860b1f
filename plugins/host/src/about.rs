//! Which driver it is.

use dianka_plugin_package::{Digest, Kind, Version};
use serde::Serialize;

/// A loaded driver's identity. A sale stores all of it; two drivers are the same only if their digests are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct About {
    /// The driver's own id, `gbt18460`.
    pub id: String,
    /// Its version.
    pub version: Version,
    /// Meter or reader.
    pub kind: Kind,
    /// SHA-256 of the driver file.
    pub digest: Digest,
}
