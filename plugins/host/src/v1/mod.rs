//! Contract major 1. The only place that knows its generated types.

mod meter;
mod meter_from;
mod meter_into;
mod reader;
mod reader_host;

pub(crate) use meter::MeterV1;
pub(crate) use reader::ReaderV1;
