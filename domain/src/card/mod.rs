//! Card images: what the host reads and checks by itself, without the driver.

mod check;
mod classify;
mod image;
mod layout;
pub mod password;
mod write_plan;

pub use check::{CheckFault, independent_check, number_follows};
pub use classify::{Seen, body_is_there, classify};
pub use image::{CardImage, ImageError};
pub use layout::{
    ByteRange, Coding, FIELD_COUNT, FIELD_METER_NO, FIELD_QUANTITY, Field, FieldError, Layout, LayoutError,
};
pub use write_plan::{ERASED, Step, WritePlan, WritePlanError};
