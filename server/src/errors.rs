//! The one table of error codes: code, HTTP status, whether the same request may be sent again.
//!
//! What a clerk reads is not here but in the catalogue `i18n/<language>/errors.json`, shared with the page
//! (see [`crate::http::catalogue`]). A test fails for a code without a text in both languages.
//!
//! To add a code: one line below, one entry in each catalogue.

use actix_web::http::StatusCode;

/// Whether the same request, unchanged, may succeed later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// No: something must change first (the request, the card, the set-up).
    No,
    /// Yes: the cause passes by itself (load, a busy port, a database that restarts).
    Yes,
}

macro_rules! codes {
    ($( $(#[doc = $doc:literal])* $name:ident = $code:literal, $status:ident, $retry:ident; )*) => {
        /// A code of the table. The string form is part of the interface and never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $( $(#[doc = $doc])* $name, )* }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Code] = &[ $( Code::$name, )* ];

            /// The code as it stands in `problem.code` and in the catalogue.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $( Code::$name => $code, )* }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $( Code::$name => StatusCode::$status, )* }
            }

            /// Whether to send the same request again.
            #[must_use]
            pub const fn retry(self) -> Retry {
                match self { $( Code::$name => Retry::$retry, )* }
            }

            /// The code with this string form, for refusals that come as text (from a driver, from a station).
            #[must_use]
            pub fn parse(text: &str) -> Option<Code> {
                match text { $( $code => Some(Code::$name), )* _ => None }
            }
        }
    };
}

codes! {
    // --- the request itself
    /// The body, query or path does not have the form that the interface describes. Params: `reason`.
    RequestInvalid = "request.invalid", BAD_REQUEST, No;
    /// The body is larger than the server takes.
    RequestTooLarge = "request.too_large", PAYLOAD_TOO_LARGE, No;
    /// The body is not JSON.
    RequestMediaType = "request.media_type", UNSUPPORTED_MEDIA_TYPE, No;
    /// One field is out of its bounds. Params: `field`, `rule`.
    FieldInvalid = "request.field", UNPROCESSABLE_ENTITY, No;
    /// There is no such address, or no such thing within reach of this operator's organisation.
    NotFound = "request.not_found", NOT_FOUND, No;
    /// The address exists, the method does not.
    MethodNotAllowed = "request.method", METHOD_NOT_ALLOWED, No;
    /// The same client id was used before with other content.
    IdReused = "request.id_reused", CONFLICT, No;
    /// Something with this number, code or name exists already. Params: `field`, `value`.
    Duplicate = "request.duplicate", CONFLICT, No;
    /// The record was changed by somebody else in between.
    EditConflict = "edit.conflict", CONFLICT, No;
    /// Something still refers to it, or what it refers to does not exist. Params: `field`.
    ReferenceMissing = "request.reference", UNPROCESSABLE_ENTITY, No;

    // --- who is asking
    /// No token, or one that this server did not issue.
    AuthRequired = "auth.required", UNAUTHORIZED, No;
    /// The access token ran out: refresh it, then send the request again.
    AuthExpired = "auth.expired", UNAUTHORIZED, No;
    /// Log-in name or password is wrong. Params: `left` (tries before the pause).
    AuthBad = "auth.bad", UNAUTHORIZED, No;
    /// Too many failures: wait. Params: `wait_s`.
    AuthLocked = "auth.locked", TOO_MANY_REQUESTS, Yes;
    /// The refresh token is unknown, used up or revoked: log in again.
    AuthRefresh = "auth.refresh", UNAUTHORIZED, No;
    /// The operator lacks the right. Params: `right`.
    AuthForbidden = "auth.forbidden", FORBIDDEN, No;
    /// The new password is too short or too common. Params: `min`.
    AuthWeakPassword = "auth.weak_password", UNPROCESSABLE_ENTITY, No;

    // --- the first start
    /// The set-up token is wrong.
    SetupToken = "setup.token", FORBIDDEN, No;
    /// The system has its first administrator already.
    SetupDone = "setup.done", CONFLICT, No;
    /// Only in learning mode.
    LearningOnly = "mode.learning_only", NOT_FOUND, No;

    // --- the server
    /// A fault inside the server; the log has the cause under the request id.
    Internal = "server.internal", INTERNAL_SERVER_ERROR, No;
    /// More work than the server takes at once.
    Overloaded = "server.overloaded", SERVICE_UNAVAILABLE, Yes;
    /// The database does not answer.
    DatabaseGone = "server.database", SERVICE_UNAVAILABLE, Yes;
    /// The server is shutting down.
    ShuttingDown = "server.stopping", SERVICE_UNAVAILABLE, Yes;

    // --- set-up lists
    /// The meter driver is not installed or not active. Params: `driver_id`.
    DriverMissing = "driver.missing", UNPROCESSABLE_ENTITY, No;
    /// The driver is installed, and speaks to meters where one for a reader is asked for. Params: `driver_id`.
    DriverNotReader = "driver.not_reader", UNPROCESSABLE_ENTITY, No;
    /// The driver is installed, and speaks to readers where one for a meter is asked for. Params: `driver_id`.
    DriverNotMeter = "driver.not_meter", UNPROCESSABLE_ENTITY, No;
    /// The version of the driver that was chosen for the meter type is not there. Params: `driver_id`, `driver_version`,
    /// `meter_type`.
    DriverVersionMissing = "driver.version_missing", UNPROCESSABLE_ENTITY, No;
    /// The file of a driver was not taken. Params: `reason_code`, `reason`.
    DriverRefused = "driver.refused", UNPROCESSABLE_ENTITY, No;
    /// The driver does not pass the conformance suite or its own vectors. Params: `check`, `reason`, `input`, `sha256` (of
    /// the whole report, `GET /drivers/{sha256}/report`).
    DriverNotConforming = "driver.not_conforming", UNPROCESSABLE_ENTITY, No;
    /// Trying the driver took longer than it may. Params: `reason`.
    DriverCheckTooLong = "driver.check_too_long", UNPROCESSABLE_ENTITY, No;
    /// The driver that is loaded is not the one that was approved for the meter type. Params: `driver_id`,
    /// `driver_version`, `approved`, `loaded` (SHA-256).
    DriverNotApproved = "driver.not_approved", SERVICE_UNAVAILABLE, No;
    /// The version does not read the cards that customers hold. Params: `driver_id`, `wanted_version`, `meter_type`, `count`
    /// (cards tried), `failed`.
    DriverCardsUnreadable = "driver.cards_unreadable", CONFLICT, No;
    /// An older version than the one in use, without saying that going back is meant. Params: `meter_type`,
    /// `driver_version`, `wanted_version`.
    DriverDowngrade = "driver.downgrade", CONFLICT, No;
    /// A workstation uses a newer version of the reader's driver. Params: `workstation`, `driver_version`, `wanted_version`.
    DriverReaderDowngrade = "driver.reader_downgrade", CONFLICT, No;
    /// The driver misbehaved and is quarantined: sales on its standard stop. Params: `driver_id`.
    DriverQuarantined = "driver.quarantined", SERVICE_UNAVAILABLE, No;
    /// The driver gave an answer that the host does not accept. Params: `driver_id`, `check`.
    DriverFault = "driver.fault", SERVICE_UNAVAILABLE, No;
    /// The factory number is in stock or in use already. Params: `factory_no`.
    MeterExists = "meter.exists", CONFLICT, No;
    /// The meter is not waiting in stock. Params: `factory_no`.
    MeterNotInStock = "meter.not_in_stock", CONFLICT, No;
    /// The user number belongs to another account. Params: `user_no`.
    AccountExists = "account.exists", CONFLICT, No;
    /// No such account.
    AccountUnknown = "account.unknown", NOT_FOUND, No;
    /// The account is suspended or closed. Params: `status`.
    AccountNotActive = "account.not_active", CONFLICT, No;
    /// The tariff has no price that is valid now. Params: `tariff`.
    TariffNoPrice = "tariff.no_price", UNPROCESSABLE_ENTITY, No;
    /// PT and CT ratios do not give a whole multiplier.
    RatioInvalid = "account.ratio", UNPROCESSABLE_ENTITY, No;

    // --- workstation and reader
    /// The workstation's program is not connected. Params: `workstation`.
    StationOffline = "station.offline", SERVICE_UNAVAILABLE, Yes;
    /// The workstation did not answer in time. Params: `workstation`.
    StationTimeout = "station.timeout", GATEWAY_TIMEOUT, Yes;
    /// Sales are open at the workstation. Params: `count`.
    StationOpenSales = "station.open_sales", CONFLICT, No;
    /// Not for the server's own workstation.
    StationBuiltIn = "station.built_in", CONFLICT, No;
    /// Workstations stand in the sales point. Params: `count`.
    SiteNotEmpty = "site.not_empty", CONFLICT, No;
    /// No such enrolment code. This and the following ones are told to stations, over their line.
    EnrolUnknown = "enrol.unknown", FORBIDDEN, No;
    /// Another station used the code.
    EnrolUsed = "enrol.used", FORBIDDEN, No;
    /// The code is older than it may be.
    EnrolExpired = "enrol.expired", FORBIDDEN, No;
    /// A newer code was made.
    EnrolReplaced = "enrol.replaced", FORBIDDEN, No;
    /// The station's folder belongs to another workstation.
    EnrolOtherWorkstation = "enrol.other_workstation", FORBIDDEN, No;
    /// Too many wrong codes.
    EnrolLimited = "enrol.limited", TOO_MANY_REQUESTS, Yes;
    /// The station's key is not in the books.
    StationUnknown = "station.unknown", FORBIDDEN, No;
    /// The station was shut out.
    StationRevoked = "station.revoked", FORBIDDEN, No;
    /// Another station took its place.
    StationReenrolled = "station.reenrolled", FORBIDDEN, No;
    /// Its workstation was retired.
    StationRetired = "station.retired", FORBIDDEN, No;
    /// Its journal is shorter than it was.
    StationJournalLost = "station.journal_lost", FORBIDDEN, No;
    /// Its signature does not verify.
    StationSignature = "station.signature", FORBIDDEN, No;
    /// No reader port is set for this workstation.
    ReaderNotSet = "reader.not_set", CONFLICT, No;
    /// The port does not exist (cable, power). Params: `port`.
    ReaderAbsent = "reader.absent", SERVICE_UNAVAILABLE, Yes;
    /// Another program holds the port. Params: `port`.
    ReaderBusy = "reader.port_busy", SERVICE_UNAVAILABLE, Yes;
    /// The server's user may not open the port. Params: `port`.
    ReaderNoRights = "reader.no_permission", SERVICE_UNAVAILABLE, No;
    /// The port is open, nothing answers. Params: `port`.
    ReaderNoAnswer = "reader.no_answer", SERVICE_UNAVAILABLE, Yes;
    /// Something answers, in another protocol. Params: `port`, `driver_id`.
    ReaderWrongDriver = "reader.wrong_driver", SERVICE_UNAVAILABLE, No;
    /// The reader was unplugged in the middle of work.
    ReaderUnplugged = "reader.unplugged", SERVICE_UNAVAILABLE, Yes;
    /// The reader is working for another request.
    ReaderInUse = "reader.in_use", CONFLICT, Yes;

    // --- the card
    /// No card lies in the reader.
    CardNone = "card.none", CONFLICT, Yes;
    /// The card is not of a kind that the reader can read.
    CardUnknown = "card.unknown", CONFLICT, No;
    /// The card belongs to another system. Params: `system_code`.
    CardForeign = "card.foreign", CONFLICT, No;
    /// The card belongs to another supply region. Params: `region`.
    CardWrongArea = "card.wrong_area", CONFLICT, No;
    /// A card of another kind. Params: `kind`.
    CardNotPurchase = "card.not_purchase", CONFLICT, No;
    /// A new card, without an account.
    CardBlank = "card.blank", CONFLICT, No;
    /// A replacement needs a new card, and this one is none.
    CardNotBlank = "card.not_blank", CONFLICT, No;
    /// The card is another account's. Params: `user_no`.
    CardOtherAccount = "card.other_account", CONFLICT, No;
    /// The card was replaced and no longer counts. Params: `card_no`.
    CardReplaced = "card.replaced", CONFLICT, No;
    /// The meter's total of purchases grew by another quantity than was sold. Params: `count`, `sold_wh`, `grown_wh`.
    MeterTotalDiffers = "meter.total_differs", CONFLICT, No;
    /// The purchase on the card has not reached the meter. Params: `count`, `quantity_wh`.
    CardNotLoaded = "card.not_loaded", CONFLICT, No;
    /// The card was changed or taken since it was read.
    CardChanged = "card.changed", CONFLICT, No;
    /// The content is half written; the system completes it.
    CardTorn = "card.torn", CONFLICT, Yes;
    /// The content is half written, and no unfinished sale or replacement is this card's.
    CardHalfWritten = "card.half_written", CONFLICT, No;
    /// The content fits no known image.
    CardUnreadable = "card.unreadable", CONFLICT, No;
    /// The card's meter number is not the account's. Params: `card_meter`, `account_meter`.
    CardMeterMismatch = "card.meter_mismatch", CONFLICT, No;
    /// The meter is behind the card: a purchase was skipped. Params: `meter_count`, `card_count`.
    CardCountBehind = "card.count_behind", CONFLICT, No;
    /// The meter or the card is ahead of the books. Params: `card_count`, `books_count`.
    CardCountAhead = "card.count_ahead", CONFLICT, No;
    /// Too few password tries are left. Params: `tries`.
    CardTriesLow = "card.tries_low", CONFLICT, No;
    /// The password is blocked: the card reads but never writes again.
    CardLocked = "card.locked", CONFLICT, No;
    /// The returned data show an overdraft beyond the limit. Params: `overdraft_wh`.
    CardOverdraft = "card.overdraft", CONFLICT, No;
    /// The card's password did not verify, or its presentation broke off: nothing more is tried in this insertion.
    CardPassword = "card.password", CONFLICT, No;
    /// A reader that cannot tell the tries: a password was presented in this insertion already.
    CardPresentedOnce = "psc.once", CONFLICT, No;
    /// The cells do not keep what is written: the card is worn or broken.
    CardWorn = "card.worn", CONFLICT, No;

    // --- the sale
    /// Quantity or amount is zero.
    SaleQuantityZero = "sale.quantity_zero", UNPROCESSABLE_ENTITY, No;
    /// Quantity or amount is negative.
    SaleQuantityNegative = "sale.quantity_negative", UNPROCESSABLE_ENTITY, No;
    /// Quantity or money must be given, and only one of them.
    SaleQuantityOrMoney = "sale.quantity_or_money", UNPROCESSABLE_ENTITY, No;
    /// Not writable with this multiplier. Params: `multiplier`, `lower_wh`, `upper_wh`.
    SaleNotMultiple = "sale.not_multiple", UNPROCESSABLE_ENTITY, No;
    /// Less than the meter takes. Params: `min_wh`, `quantity_wh`.
    SaleBelowMin = "sale.below_min", UNPROCESSABLE_ENTITY, No;
    /// More than the card can carry. Params: `max_wh`.
    SaleAboveMax = "sale.above_max", UNPROCESSABLE_ENTITY, No;
    /// The first purchase does not exceed the preset. Params: `preset_wh`, `min_wh`.
    SalePresetFirst = "sale.preset_first", UNPROCESSABLE_ENTITY, No;
    /// A negative adjustment eats the purchase. Params: `adjustment_wh`, `min_wh`.
    SaleAdjustmentTooLarge = "sale.adjustment_too_large", UNPROCESSABLE_ENTITY, No;
    /// The hoarding limit: the meter would never take it. Params: `limit_wh`, `max_wh`.
    SaleOverHoard = "sale.over_hoard", UNPROCESSABLE_ENTITY, No;
    /// The money does not buy one writable step. Params: `amount_fen`, `min_fen`.
    SaleTooLittleMoney = "sale.too_little_money", UNPROCESSABLE_ENTITY, No;
    /// The purchase counter of this meter is used up. Params: `count`.
    SaleCountExhausted = "sale.count_exhausted", CONFLICT, No;
    /// The price changed since the quote. Params: `price_micro`.
    SalePriceChanged = "sale.price_changed", CONFLICT, No;
    /// The quote is older than it may be.
    QuoteExpired = "quote.expired", CONFLICT, No;
    /// The quote was not made by this server, or was changed.
    QuoteInvalid = "quote.invalid", UNPROCESSABLE_ENTITY, No;
    /// The books moved since the quote (another sale, an adjustment).
    QuoteStale = "quote.stale", CONFLICT, No;
    /// The card in the reader is not the one that the unfinished sale was begun with.
    CardOfAnotherSale = "card.other_sale", CONFLICT, No;
    /// Another sale of this account is unfinished. Params: `sale_id`.
    SaleOpen = "sale.open", CONFLICT, No;
    /// A replacement card of this account is unfinished. Params: `replacement_id`.
    ReplacementOpen = "replacement.open", CONFLICT, No;
    /// Nothing was sold to this account yet: its first sale goes onto any blank card.
    ReplacementNothing = "replacement.nothing", CONFLICT, No;
    /// The account's meter takes tokens: there is no card.
    ReplacementNoCard = "replacement.no_card", CONFLICT, No;
    /// Less cash than the amount. Params: `amount_fen`, `cash_fen`.
    SaleCashShort = "sale.cash_short", UNPROCESSABLE_ENTITY, No;
    /// The sale is committed or voided already. Params: `state`.
    SaleFinished = "sale.finished", CONFLICT, No;
    /// The money goes back as soon as the sale's card is in the reader.
    VoidInsertCard = "void.insert_card", CONFLICT, Yes;
    /// A replacement card was issued for the sale: it goes forward only.
    VoidReplaced = "void.replaced", CONFLICT, No;
    /// The database was restored, and not every station has reported what it holds.
    VoidJournalsMissing = "void.journals_missing", CONFLICT, Yes;
    /// A station that had the sale has not promised to write it no more. Params: `workstation`.
    VoidNotFenced = "void.not_fenced", CONFLICT, Yes;
    /// The card was read before the last promise came: once more.
    VoidReadTooEarly = "void.read_too_early", CONFLICT, Yes;
    /// Two readings of the card differ.
    VoidReadsDiffer = "void.reads_differ", CONFLICT, Yes;
    /// The meter has taken the purchase.
    VoidTakenByMeter = "void.taken_by_meter", CONFLICT, No;
    /// The card could not be brought back to what it was.
    VoidNotRestored = "void.not_restored", CONFLICT, Yes;
    /// The first sale onto a card only goes forward.
    VoidFirstCard = "void.first_card", CONFLICT, No;
    /// Several rules refuse the sale at once, or the meter driver gave a reason of its own. Params: `reason`.
    SaleRefused = "sale.refused", UNPROCESSABLE_ENTITY, No;
    /// There is no vending key for the meter's supply group. Params: `slot`.
    TokenKeyMissing = "token.key_missing", UNPROCESSABLE_ENTITY, No;
    /// The vending keys cannot be used just now.
    TokenKeysUnavailable = "token.keys_unavailable", SERVICE_UNAVAILABLE, Yes;
    /// Numbers beyond what the books can hold.
    NumberTooLarge = "number.too_large", UNPROCESSABLE_ENTITY, No;

    // --- the write
    /// The card was pulled while it was written.
    WriteRemoved = "write.removed", CONFLICT, Yes;
    /// What was read back is not what was written.
    WriteUnverified = "write.unverified", CONFLICT, Yes;
    /// The sale is authorised and waits for its card.
    WriteWaiting = "write.waiting", CONFLICT, Yes;

    // --- reconciliation
    /// A check of these books is running already.
    ReconcileRunning = "reconcile.running", CONFLICT, Yes;
    /// The alarm was closed already.
    AlarmClosed = "alarm.closed", CONFLICT, No;

    // --- the bench
    /// No such virtual card or meter.
    BenchUnknown = "bench.unknown", NOT_FOUND, No;
    /// A virtual meter hangs only where one of this number is in stock. Params: `factory_no`.
    BenchNotInStock = "bench.not_in_stock", NOT_FOUND, No;
    /// The place is taken: a reader or meter holds one card.
    BenchPlaceTaken = "bench.place_taken", CONFLICT, No;
    /// The place does not exist or is no virtual one.
    BenchNoPlace = "bench.no_place", UNPROCESSABLE_ENTITY, No;
}

impl Code {
    /// The `type` of the problem document (RFC 9457): a name, not an address to open.
    #[must_use]
    pub fn type_uri(self) -> String {
        format!("urn:dianka:problem:{}", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_and_parse_back() {
        let mut seen = HashSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{} stands twice", code.as_str());
            assert_eq!(Code::parse(code.as_str()), Some(*code));
        }
    }

    #[test]
    fn a_code_that_may_be_retried_is_a_client_or_server_error() {
        for code in Code::ALL {
            let status = code.status();
            assert!(status.is_client_error() || status.is_server_error(), "{}", code.as_str());
        }
    }
}
