//! Contract major 1. The only place that knows its generated types.
//!
//! One adapter for each released version of the meter contract: [`meter`] is 1.0's. Within a major nothing that was released
//! changes, so 1.1's is the same one with [`tokens`] added, which is all that 1.1 has beyond 1.0. A call site sees a
//! [`MeterAdapter`] and never a version.

mod guest;
mod meter;
mod meter_from;
mod meter_into;
mod reader;
mod reader_host;
mod tokens;
mod tokens_convert;

use dianka_plugin_package::{Contract, Version};
use wasmtime::component::Component;

use self::meter::MeterV1;
pub(crate) use self::reader::ReaderV1;
use crate::engine::DriverEngine;
use crate::fault::Fault;
use crate::meter::MeterAdapter;

/// Links a meter driver with the adapter of the contract that it was found to fulfil.
pub(crate) fn link_meter(
    engine: &DriverEngine,
    component: &Component,
    contract: &Contract,
) -> Result<Box<dyn MeterAdapter>, Fault> {
    let version = contract.name.split_once('@').and_then(|(_, version)| version.parse::<Version>().ok());
    match version.map(|version| (version.major, version.minor)) {
        Some((1, 0)) => Ok(Box::new(MeterV1::link(engine, component)?)),
        Some((1, 1)) => Ok(Box::new(MeterV1::link_with_tokens(engine, component)?)),
        _ => Err(Fault::Incompatible(format!("the contract {:?} is not known here", contract.name))),
    }
}
