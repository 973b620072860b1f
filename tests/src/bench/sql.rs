//! What pgbench runs.

use dianka_domain::ledger::LedgerAccount;

use super::quotes::{ALARM_WH, AMOUNT_FEN, CAPACITY_W, ENERGY_WH, HOARD_WH};
use super::world::BASE;

/// The account of this call: each client walks through accounts of its own.
const NEXT_ACCOUNT: &str = "\\set i :i + 1\n\\set n :first + :client_id * :share + :i - 1\n";

/// The same call of the same function that the server makes. What is text or bytes in it travels with each call, as it
/// does from the server.
pub fn sale_begin(areas: u32, sites: u32) -> String {
    let (debit, credit) = (LedgerAccount::CashDrawer.code(), LedgerAccount::CustomerHeld.code());
    let id = |family: &str, name: &str| format!("('00000000-0000-4000-{family}-' || :{name}::text)::uuid");
    let (account, meter, area) = (id("8000", "n"), id("9000", "n"), id("a000", "a"));
    let (site, workstation) = (id("b000", "s"), id("b001", "s"));
    format!(
        "{NEXT_ACCOUNT}\\set a {BASE} + :n % {areas}\n\\set s {BASE} + :n % {sites}\n\
        SELECT sale_begin(:org::uuid, 1, \
        ROW(gen_random_uuid(), {account}, {meter}, 'opening', 1, 1, {ENERGY_WH}, {AMOUNT_FEN}, :price::int8, \
        :tariff_version::uuid, 1, 0, 0, 0, {ENERGY_WH}, {area}, {site}, {workstation}, :operator::uuid, 'cash', NULL, \
        :hash::bytea, now())::sale_facts, \
        ROW(:n::int8 - {BASE}, 1, {ALARM_WH}, {HOARD_WH}, 0, 0, {CAPACITY_W}, :driver::text, :driver_version::text, \
        :hash::bytea, :session::text, :before::bytea, :target::bytea, :plan::jsonb)::card_op_facts, \
        :ticket::jsonb, ARRAY[ROW({debit}, {credit}, {AMOUNT_FEN}, 0)::transfer_facts]);\n"
    )
}

/// Seven statements, over the plain tables.
pub fn seven_statements() -> String {
    format!(
        "{NEXT_ACCOUNT}\\set n :n - {BASE}\n\
        BEGIN;\n\
        SELECT sold, total_fen, total_wh FROM plain_account WHERE id = :n FOR UPDATE;\n\
        INSERT INTO plain_sale VALUES (gen_random_uuid(), :n, 1, {ENERGY_WH}, {AMOUNT_FEN}, 560000, :n % 200, 1, now());\n\
        INSERT INTO plain_ledger (account_id, book, amount_fen, at) VALUES (:n, 'cash', {AMOUNT_FEN}, now());\n\
        INSERT INTO plain_ledger (account_id, book, amount_fen, at) VALUES (:n, 'revenue', -{AMOUNT_FEN}, now());\n\
        UPDATE plain_account SET sold = sold + 1, total_fen = total_fen + {AMOUNT_FEN}, total_wh = total_wh + {ENERGY_WH} \
        WHERE id = :n;\n\
        COMMIT;\n"
    )
}
