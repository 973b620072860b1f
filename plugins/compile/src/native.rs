//! From a component to native code.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use wasmtime::{Engine, OptLevel};

use crate::engine_config::engine_config;
use crate::{Failure, unwritable};

/// Compiles `component` and writes the native code to the new file `out`.
///
/// Without optimisation: the guest's own compiler has optimised already (measured cost 1 to 11 % at run time), while
/// a component built to make an optimiser slow compiles 45 times sooner and in linear time.
pub fn compile(component: &[u8], out: &Path) -> Result<(), Failure> {
    let mut config = engine_config();
    config.cranelift_opt_level(OptLevel::None);
    let engine = Engine::new(&config).map_err(|error| Failure::Host(format!("{error:#}")))?;
    let native = engine.precompile_component(component).map_err(|error| Failure::NotCompiled(format!("{error:#}")))?;
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(out).map_err(|error| unwritable(out, &error))?;
    file.write_all(&native).and_then(|()| file.sync_all()).map_err(|error| unwritable(out, &error))
}
