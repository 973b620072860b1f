//! The one set of engine settings.
//!
//! This file is part of two programs: the host, which runs drivers and has no compiler, and `dianka-plugc`, which
//! compiles them and runs none. Code that was compiled under other settings is refused by the host or, worse, runs
//! with other limits; so there is one file, and what it says goes into the name of every cached compilation.

use wasmtime::Config;

/// Rises with every change below, and with it the names of cached compilations.
pub(crate) const SETTINGS: &str = "settings-1: epoch, stack 256 KiB, bulk-memory, no simd, O0";

/// Native stack of a guest, bytes.
const MAX_WASM_STACK: usize = 256 * 1024;

/// The engine that drivers are compiled for and run on.
///
/// Off: SIMD (advisories of the code generator concentrate there, and no driver needs it), 64-bit memories, several
/// memories, tail calls. Not compiled in at all: threads, garbage collection, component-model async, WASI.
pub(crate) fn engine_config() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(MAX_WASM_STACK)
        .concurrency_support(false)
        .wasm_component_model(true)
        .wasm_bulk_memory(true)
        .wasm_simd(false)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_tail_call(false);
    config
}
