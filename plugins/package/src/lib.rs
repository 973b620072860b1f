//! What a driver file says about itself and who stands behind it: manifest, hash, signature, trust table.
//!
//! This crate knows no WebAssembly engine. It reads bytes that a stranger wrote, so everything in here is bounded
//! and nothing is executed.
//!
//! A driver package is one file, `vendor.driver-1.2.0.wasm`: a component with its [`Manifest`] in the custom section
//! `dianka:manifest` and a minisign signature over all bytes before it in the custom section `dianka:signature`, which is
//! the last one. The signature may also lie beside the file, detached, as `vendor.driver-1.2.0.wasm.minisig`; both at
//! once are refused. Test vectors may stand in the custom section `dianka:vectors`, before the signature. Without the
//! manifest's section, a sidecar `vendor.driver-1.2.0.wasm.json` is read; as a signature does not cover a sidecar, only
//! unsigned files may use one.

mod digest;
mod file;
mod manifest;
mod notice;
mod policy;
mod section;
mod trust;
pub mod vectors;
mod verdict;
mod version;

pub use digest::Digest;
pub use file::{DriverFile, MAX_DRIVER_BYTES, sidecar_path, signature_path};
pub use manifest::{Kind, MANIFEST_SECTION, Manifest, ManifestError};
pub use notice::Notice;
pub use policy::{Admission, Policy};
pub use section::{
    SIGNATURE_SECTION, SectionError, Signed, append_section, find_section, split_signature, unsigned_part,
};
pub use trust::{KeyText, Signature, TrustError, TrustTable, TrustedKey, verify};
pub use vectors::{MAX_VECTORS_BYTES, Recorded, VECTORS_SECTION, Vectors, VectorsError};
pub use verdict::{Contract, Verdict, exit};
pub use version::{Version, VersionError};
