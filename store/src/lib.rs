//! The store: Postgres through diesel-async, in the scope of one organisation at a time.
//!
//! * [`private_postgres`] runs a database of the server's own when none is given.
//! * [`Store::connect`] migrates, sizes the pool and proves that row-level security binds the application's sessions.
//! * [`Store::tx`] is the one way to the tables: the functions of this crate (`noun_verb`, one file per aggregate) take the
//!   [`Scoped`] transaction that it opens, so several of them make one transaction.
//! * What must be one round trip is a method of [`Store`]: [`Store::sale_begin`], [`Store::sale_confirm`],
//!   [`Store::sale_void`], [`Store::ticket_add`], [`Store::reading_record`]. These are safe to repeat.
//!
//! Rows do not leave this crate. Energy and money are the domain's types; times are UTC.

mod accounts;
mod adjustments;
mod analysis;
mod areas;
mod audit;
mod card_reads;
mod cards;
mod documents;
mod drivers;
mod error;
mod meter_types;
mod meters;
mod migrate;
mod operators;
mod orgs;
mod page;
mod pool;
pub mod private_postgres;
mod reader_versions;
mod reconcile;
mod refresh_tokens;
mod replacements;
mod rollups;
mod rows;
mod sales;
mod schema;
mod scope;
mod sites;
mod stations;
mod store;
mod tariffs;
#[cfg(feature = "testing")]
pub mod testing;
mod text_enum;
#[expect(clippy::too_many_arguments, reason = "sale_confirm has as many as the SQL function that it declares")]
mod wire;
mod workstations;

pub use accounts::{
    Account, AccountMeter, AccountStatus, LimitMode, NewAccount, account_by_card_no, account_by_user_no, account_get,
    account_list, account_open, account_status_set,
};
pub use adjustments::{Adjustment, NewAdjustment, adjustment_add, adjustment_list};
pub use analysis::{AreaQuestion, AreaSales, Period, analysis_by_area, analysis_detail};
pub use areas::{Area, AreaKind, NewArea, area_create, area_get, area_list};
pub use audit::{AuditEntry, NewAudit, audit_add, audit_list};
pub use card_reads::{Acked, CardRead, NewCardRead, Recorded, Returned, card_read_last_returned, card_read_list};
pub use cards::{Card, CardSample, CardState, PscState, card_by_no, card_current, card_psc_set, card_sample};
pub use documents::{Document, document_get, document_print_add};
pub use drivers::{
    ActivationState, DriverActivation, DriverKind, driver_activation_list, driver_activation_set, driver_approved,
};
pub use error::{Result, StoreError};
pub use meter_types::{
    Carrier, MeterType, meter_type_create, meter_type_driver_version_set, meter_type_get, meter_type_list,
    meter_type_retire,
};
pub use meters::{
    Meter, MeterFilter, MeterStatus, NewMeter, meter_by_factory_no, meter_get, meter_list, meter_stock_add,
};
pub use operators::{
    Operator, operator_by_login, operator_count, operator_create, operator_get, operator_list, operator_password_set,
    operator_update,
};
pub use orgs::{Org, OrgMode, org_get, org_update};
pub use page::{Page, PageRequest};
pub use reader_versions::{ReaderVersions, reader_version_list, reader_version_own_end, reader_version_set};
pub use reconcile::{
    Alarm, AlarmEnd, BrokenRow, Finding, MOST_ROWS, NewReconciliation, ReconcileOptions, Reconciled, Reconciliation,
    ReconciliationCause, Report, Verdict, WaitingSale, alarm_close, alarm_get, alarm_list, invariant_ids,
    reconciliation_add, reconciliation_get, reconciliation_last, reconciliation_last_night, reconciliation_list,
};
pub use refresh_tokens::{
    NewRefreshToken, RefreshUse, refresh_token_add, refresh_token_family_end, refresh_token_operator_end,
    refresh_token_purge, refresh_token_use,
};
pub use replacements::{
    NewReplacement, Replacement, ReplacementBegun, ReplacementFacts, ReplacementReason, card_no_next,
    replacement_begin, replacement_by_account, replacement_get, replacement_open_by_account, replacement_open_list,
};
pub use rollups::FoldReport;
pub use sales::{
    Begun, CardOpFacts, Carried, Ended, Fence, NewSale, NewTicket, NewTokenSale, OpenSale, Payment, Sale, SaleConfirm,
    SaleEnd, SaleFacts, SaleKind, SaleState, SaleVoid, Ticket, TokenFacts, TokenSold, card_op_get, fence_list,
    sale_by_account, sale_get, sale_open_by_account, sale_open_list, ticket_list, token_last, transfer_list,
};
pub use scope::{Body, Scoped};
pub use sites::{Site, site_create, site_get, site_list, site_rename, site_retire};
pub use stations::{
    Enrolled, Enrolling, KeyEnd, NewStationCode, StationKey, WorkstationChange, station_code_add, station_enrol,
    station_journal_seen, station_key_end, station_key_get, station_key_live, workstation_change, workstation_retire,
};
pub use store::{PoolStatus, Store, StoreOptions};
pub use tariffs::{Tariff, tariff_create, tariff_list, tariff_version_add, tariff_version_at, tariff_versions_at};
pub use workstations::{
    NewWorkstation, ReaderSettings, Workstation, WorkstationKind, workstation_create, workstation_get,
    workstation_list, workstation_reader_set,
};
