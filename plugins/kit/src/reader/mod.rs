//! The checks of reader drivers.
use crate::report::Check;
use dianka_plugin_host::Registry;
use dianka_plugin_host::reader::ReaderDriver;
/// T
#[derive(Debug, Clone)]
pub struct Transcript;
/// S
pub struct Subject;
impl Subject {
    /// N
    pub fn new(_: Registry, _: ReaderDriver, _: u64, _: u64) -> Self {
        Self
    }
}
/// C
pub fn checks(_: &Subject, _: &[Transcript]) -> Vec<Check> {
    Vec::new()
}
