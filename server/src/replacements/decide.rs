//! What the new card shall hold: the purchase of the sale, as it was, with the new card's number. The driver reads it off
//! the sale's frozen image and writes it onto the blank card; the host checks both.

use dianka_domain::card::CardImage;
use dianka_plugin_host::meter::{Content, MeterDriver};
use dianka_plugin_host::verify_encode;
use dianka_store::{CardOpFacts, SaleFacts};

use crate::cards::look::{self, Look};
use crate::errors::Code;
use crate::http::problem::Problem;
use crate::sales::decide::call;
use crate::sales::frozen::AccessPair;

/// The new card.
#[derive(Debug)]
pub(super) struct Made {
    /// The whole card as it shall be.
    pub(super) target: CardImage,
    /// How its password is found, as it is and as it shall be.
    pub(super) access: AccessPair,
}

/// Makes the image for a blank card.
///
/// # Errors
/// `driver.fault` when the driver does not read or write the sale's purchase as it was sold.
pub(super) fn make(
    driver: &MeterDriver,
    sale: &SaleFacts,
    op: &CardOpFacts,
    card_no: u32,
    blank: &CardImage,
) -> Result<Made, Problem> {
    let fault = |check: &str| {
        Problem::new(Code::DriverFault).param("driver_id", driver.about().id.clone()).param("check", check)
    };
    let Look::Content(sold) = look::with_driver(driver, &CardImage::new(op.target_image.clone()))? else {
        return Err(fault("decode"));
    };
    let as_sold = sold.purchase.as_ref().is_some_and(|p| p.count == sale.count && p.quantity_wh == sale.quantity_wh);
    if !as_sold {
        return Err(fault("purchase"));
    }
    // What the meter returned was returned on the old card.
    let content = Content { card_no, returned: None, ..*sold };
    let target = driver.encode(&content, blank).map_err(|e| call(driver, &e))?;
    verify_encode(driver, &content, blank, &target).map_err(|wrong| fault(wrong.code()).because(wrong))?;
    let access = AccessPair {
        now: driver.access(&look::blank_content()).map_err(|e| call(driver, &e))?,
        then: driver.access(&content).map_err(|e| call(driver, &e))?,
        key_version: content.key_version,
    };
    Ok(Made { target, access })
}
