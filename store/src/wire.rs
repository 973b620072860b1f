//! The composite types of `migrations/*_sale_types` and `*_tokens`: their order of columns is the order here.

use dianka_domain::ledger::Transfer;
use dianka_domain::units::{MeterEnergy, Money};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::query_builder::QueryId;
use diesel::serialize::{self, Output, ToSql, WriteTuple};
use diesel::sql_types::{Bytea, Int4, Int8, Jsonb, Nullable, SqlType, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::card_reads::NewCardRead;
use crate::replacements::ReplacementFacts;
use crate::sales::{CardOpFacts, SaleFacts, TokenFacts};

/// `sale_facts`.
#[derive(SqlType, QueryId)]
#[diesel(postgres_type(name = "sale_facts"))]
pub(crate) struct SaleFactsType;

/// `card_op_facts`.
#[derive(SqlType, QueryId)]
#[diesel(postgres_type(name = "card_op_facts"))]
pub(crate) struct CardOpFactsType;

/// `token_facts`.
#[derive(SqlType, QueryId)]
#[diesel(postgres_type(name = "token_facts"))]
pub(crate) struct TokenFactsType;

/// `replacement_facts`.
#[derive(SqlType, QueryId)]
#[diesel(postgres_type(name = "replacement_facts"))]
pub(crate) struct ReplacementFactsType;

/// `transfer_facts`.
#[derive(SqlType, QueryId)]
#[diesel(postgres_type(name = "transfer_facts"))]
pub(crate) struct TransferFactsType;

/// `card_read_facts`.
#[derive(SqlType, QueryId)]
#[diesel(postgres_type(name = "card_read_facts"))]
pub(crate) struct CardReadFactsType;

/// A sale on its way out.
#[derive(Debug, AsExpression)]
#[diesel(sql_type = SaleFactsType)]
pub(crate) struct SaleWire(pub(crate) SaleFacts);

impl ToSql<SaleFactsType, Pg> for SaleWire {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let s = &self.0;
        WriteTuple::<(
            SqlUuid,
            SqlUuid,
            SqlUuid,
            Text,
            Int4,
            Int4,
            Int8,
            Int8,
            Int8,
            SqlUuid,
            Int4,
            Int8,
            Int8,
            Int8,
            Int8,
            SqlUuid,
            SqlUuid,
            SqlUuid,
            SqlUuid,
            Text,
            Nullable<Int8>,
            Bytea,
            Timestamptz,
        )>::write_tuple(
            &(
                s.sale_id,
                s.account_id,
                s.meter_id,
                s.kind.as_str(),
                i32::try_from(s.period)?,
                i32::try_from(s.count)?,
                s.energy_wh.wh(),
                s.amount_fen.fen(),
                s.price_micro.micro(),
                s.tariff_version_id,
                i32::try_from(s.multiplier.get())?,
                s.adjustment_used_wh.wh(),
                s.carry_wh.wh(),
                s.preset_deducted_wh.wh(),
                s.quantity_wh.wh(),
                s.area_id,
                s.site_id,
                s.workstation_id,
                s.operator_id,
                s.payment.as_str(),
                s.cash_fen.map(Money::fen),
                s.request_hash.as_slice(),
                s.created_at,
            ),
            &mut out.reborrow(),
        )
    }
}

/// What is written onto the card, on its way out.
#[derive(Debug, AsExpression)]
#[diesel(sql_type = CardOpFactsType)]
pub(crate) struct CardOpWire(pub(crate) CardOpFacts);

impl ToSql<CardOpFactsType, Pg> for CardOpWire {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let op = &self.0;
        WriteTuple::<(Int8, Int4, Int8, Int8, Int8, Int4, Int8, Text, Text, Bytea, Text, Bytea, Bytea, Jsonb)>::write_tuple(
            &(
                op.card_no,
                i32::try_from(op.generation)?,
                op.alarm_wh.wh(),
                op.hoard_wh.wh(),
                op.overdraft_wh.wh(),
                i32::from(op.limit_mode),
                op.capacity_w,
                op.driver_id.as_str(),
                op.driver_version.as_str(),
                op.driver_sha256.as_slice(),
                op.session.as_str(),
                op.before_image.as_slice(),
                op.target_image.as_slice(),
                &op.plan,
            ),
            &mut out.reborrow(),
        )
    }
}

/// A token on its way out.
#[derive(Debug, AsExpression)]
#[diesel(sql_type = TokenFactsType)]
pub(crate) struct TokenWire(pub(crate) TokenFacts);

impl ToSql<TokenFactsType, Pg> for TokenWire {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let token = &self.0;
        WriteTuple::<(Int4, Text, Nullable<Int8>, Int8, Text, Text, Text, Bytea)>::write_tuple(
            &(
                i32::try_from(token.generation)?,
                token.key_slot.as_str(),
                token.after.map(i64::try_from).transpose()?,
                i64::try_from(token.identifier)?,
                token.digits.as_str(),
                token.driver_id.as_str(),
                token.driver_version.as_str(),
                token.driver_sha256.as_slice(),
            ),
            &mut out.reborrow(),
        )
    }
}

/// A replacement card on its way out.
#[derive(Debug, AsExpression)]
#[diesel(sql_type = ReplacementFactsType)]
pub(crate) struct ReplacementWire {
    pub(crate) facts: ReplacementFacts,
    pub(crate) card_id: Uuid,
}

impl ToSql<ReplacementFactsType, Pg> for ReplacementWire {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let r = &self.facts;
        WriteTuple::<(SqlUuid, SqlUuid, SqlUuid, Text, SqlUuid, Int8, SqlUuid, SqlUuid, Bytea, Timestamptz)>::write_tuple(
            &(
                r.op_id,
                r.account_id,
                r.sale_id,
                r.reason.as_str(),
                self.card_id,
                r.old_card_no,
                r.workstation_id,
                r.operator_id,
                r.request_hash.as_slice(),
                r.created_at,
            ),
            &mut out.reborrow(),
        )
    }
}

/// A ledger row on its way out.
#[derive(Debug, Clone, Copy, AsExpression)]
#[diesel(sql_type = TransferFactsType)]
pub(crate) struct TransferWire(Transfer);

impl TransferWire {
    pub(crate) fn all(transfers: &[Transfer]) -> Vec<Self> {
        transfers.iter().copied().map(Self).collect()
    }
}

impl ToSql<TransferFactsType, Pg> for TransferWire {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let t = &self.0;
        WriteTuple::<(Int4, Int4, Int8, Int8)>::write_tuple(
            &(i32::from(t.debit.code()), i32::from(t.credit.code()), t.amount.fen(), t.energy.wh()),
            &mut out.reborrow(),
        )
    }
}

/// A reading on its way out.
#[derive(Debug, AsExpression)]
#[diesel(sql_type = CardReadFactsType)]
pub(crate) struct CardReadWire(pub(crate) NewCardRead);

impl ToSql<CardReadFactsType, Pg> for CardReadWire {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let read = &self.0;
        let returned = read.returned.as_ref();
        let energy = |of: Option<MeterEnergy>| of.map(MeterEnergy::wh);
        WriteTuple::<(
            SqlUuid,
            Nullable<SqlUuid>,
            Nullable<Int8>,
            SqlUuid,
            Nullable<SqlUuid>,
            Text,
            Text,
            Bytea,
            Int4,
            Nullable<Int4>,
            Nullable<Int8>,
            Nullable<Int8>,
            Nullable<Int8>,
            Nullable<Int8>,
            Nullable<Int8>,
            Nullable<Int4>,
            Nullable<Jsonb>,
            Timestamptz,
        )>::write_tuple(
            &(
                read.read_id,
                read.account_id,
                read.card_no,
                read.workstation_id,
                read.operator_id,
                read.session.as_str(),
                read.kind.as_str(),
                read.image.as_slice(),
                i32::from(read.tries),
                returned.map(|r| i32::try_from(r.count)).transpose()?,
                energy(returned.and_then(|r| r.remaining_wh)),
                energy(returned.and_then(|r| r.total_used_wh)),
                energy(returned.and_then(|r| r.total_purchased_wh)),
                energy(returned.and_then(|r| r.overdraft_wh)),
                returned.and_then(|r| r.power_w),
                returned.and_then(|r| r.status_word).map(i32::from),
                returned.map(|r| r.details.clone()),
                read.at,
            ),
            &mut out.reborrow(),
        )
    }
}

#[diesel::declare_sql_function]
extern "SQL" {
    fn sale_begin(
        p_org: SqlUuid,
        p_version: Int8,
        p_sale: SaleFactsType,
        p_op: CardOpFactsType,
        p_ticket: Jsonb,
        p_transfers: diesel::sql_types::Array<TransferFactsType>,
    ) -> Int8;

    fn sale_token(
        p_org: SqlUuid,
        p_version: Int8,
        p_sale: SaleFactsType,
        p_token: TokenFactsType,
        p_day: diesel::sql_types::Date,
        p_evidence: Jsonb,
        p_document: Jsonb,
        p_begin: diesel::sql_types::Array<TransferFactsType>,
        p_confirm: diesel::sql_types::Array<TransferFactsType>,
    ) -> Int8;

    fn sale_confirm(
        p_org: SqlUuid,
        p_sale: SqlUuid,
        p_workstation: SqlUuid,
        p_day: diesel::sql_types::Date,
        p_at: Timestamptz,
        p_evidence: Jsonb,
        p_document: Jsonb,
        p_transfers: diesel::sql_types::Array<TransferFactsType>,
    ) -> Int8;

    fn sale_void(
        p_org: SqlUuid,
        p_sale: SqlUuid,
        p_workstation: SqlUuid,
        p_day: diesel::sql_types::Date,
        p_at: Timestamptz,
        p_evidence: Jsonb,
        p_transfers: diesel::sql_types::Array<TransferFactsType>,
    ) -> Int8;

    fn replacement_begin(
        p_org: SqlUuid,
        p_version: Int8,
        p_new: ReplacementFactsType,
        p_op: CardOpFactsType,
        p_ticket: Jsonb,
    ) -> Int8;

    fn replacement_confirm(
        p_org: SqlUuid,
        p_op: SqlUuid,
        p_workstation: SqlUuid,
        p_day: diesel::sql_types::Date,
        p_at: Timestamptz,
        p_evidence: Jsonb,
        p_document: Jsonb,
        p_transfers: diesel::sql_types::Array<TransferFactsType>,
    ) -> Int8;

    fn fence_add(p_org: SqlUuid, p_sale: SqlUuid, p_workstation: SqlUuid, p_up_to: Int4, p_at: Timestamptz) -> Int8;

    fn ticket_add(
        p_org: SqlUuid,
        p_sale: SqlUuid,
        p_epoch: Int4,
        p_workstation: SqlUuid,
        p_session: Text,
        p_at: Timestamptz,
        p_body: Jsonb,
    ) -> Int8;

    fn reading_record(
        p_org: SqlUuid,
        p_read: CardReadFactsType,
        p_acked: Nullable<Int4>,
        p_period: Nullable<Int4>,
    ) -> Int8;

    fn rollup_fold(p_org: SqlUuid) -> Int8;

    fn rollup_rebuild(p_org: SqlUuid) -> Int8;
}

/// The answers that are not a number of something.
pub(crate) mod code {
    pub(crate) const DONE: i64 = 1;
    pub(crate) const REPLAYED: i64 = 2;
    pub(crate) const NO_ROW: i64 = -1;
    pub(crate) const STALE: i64 = -2;
    pub(crate) const OTHER_OPEN: i64 = -3;
    pub(crate) const OTHER_BODY: i64 = -4;
    pub(crate) const UNKNOWN_REFERENCE: i64 = -5;
    pub(crate) const ACCOUNT_NOT_OPEN: i64 = -6;
    pub(crate) const ENDED_OTHERWISE: i64 = -7;
    pub(crate) const NOT_OPEN: i64 = -8;
    pub(crate) const OTHER_TOKEN: i64 = -9;
    pub(crate) const BEING_REPLACED: i64 = -10;
    /// Of `sale_token`, whose other answers above 0 are receipt numbers.
    pub(crate) const TOKEN_REPLAYED: i64 = 0;
}
