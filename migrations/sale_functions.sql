-- The sale path: each function is one round trip and one durable commit. Replaceable: this file is run whenever its
-- digest changes, after the migrations. The rules live in the domain crate; these functions compare and write.
--
-- Each sets the scope first (by an assignment, which costs less than a query), so row-level security holds for every
-- statement in it. Lock order: account, then the last token of its meter, then the
-- workstation's counter, then the card.
--
-- sale_begin     1 begun | 2 replayed | -1 no account | -2 stale decision | -3 another sale is open
--                | -4 same id, other body | -5 unknown workstation, site, operator or tariff version | -6 account not open
-- sale_token     receipt number | 0 replayed: read it | -1 to -6 as sale_begin | -9 another token was made since
-- sale_confirm   receipt number (also when replayed) | -1 no sale | -2 a newer ticket is out | -7 already ended the other way | -8 not open
-- sale_void      1 voided | 2 replayed | -1 no sale | -2 a newer ticket is out | -7 already ended the other way | -8 not open
--                | -10 a replacement card is being made
-- fence_add      the newest ticket's epoch (also when replayed) | -1 no sale | -8 not open
-- ticket_add     the epoch | -1 no sale | -2 another epoch is current | -8 not open | -10 a replacement card is being made
-- reading_record 1 stored | 2 stored, acked raised | 3 stored, but the count is beyond what was sold | 4 replayed

-- Why a begin cannot go on. The account is locked first, so the answer holds.
CREATE OR REPLACE FUNCTION sale_begin_refusal(p_org UUID, p_version INT8, p_sale sale_facts, p_generation INT4)
RETURNS INT8
LANGUAGE plpgsql AS $$
DECLARE
    v_account RECORD;
    v_hash BYTEA;
BEGIN
    SELECT version, sold, period, issue, status, multiplier, meter_id, area_id INTO v_account
    FROM account WHERE org_id = p_org AND account_id = p_sale.account_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN -1;
    END IF;
    SELECT request_hash INTO v_hash FROM sale WHERE org_id = p_org AND sale_id = p_sale.sale_id;
    IF FOUND THEN
        RETURN CASE WHEN v_hash = p_sale.request_hash THEN 2 ELSE -4 END;
    END IF;
    PERFORM 1 FROM sale_open WHERE org_id = p_org AND account_id = p_sale.account_id;
    IF FOUND THEN
        RETURN -3;
    END IF;
    IF v_account.version <> p_version OR v_account.sold + 1 <> p_sale.count OR v_account.period <> p_sale.period
        OR v_account.issue <> p_generation OR v_account.multiplier <> p_sale.multiplier
        OR v_account.meter_id <> p_sale.meter_id OR v_account.area_id <> p_sale.area_id
    THEN
        RETURN -2;
    END IF;
    RETURN CASE WHEN v_account.status <> 'open' THEN -6 ELSE -5 END;
END
$$;

-- Takes back what a begin has changed on the account, in the same transaction.
CREATE OR REPLACE FUNCTION sale_begin_undo(p_org UUID, p_sale sale_facts) RETURNS VOID
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE account SET
        adjustment_pending_wh = adjustment_pending_wh + p_sale.adjustment_used_wh - p_sale.carry_wh,
        preset_pending_wh = preset_pending_wh + p_sale.preset_deducted_wh,
        version = version - 1
    WHERE org_id = p_org AND account_id = p_sale.account_id;
END
$$;

-- What authorising is whatever carries the energy: the account, the open sale, the sale, the ledger. 1, or why not. The
-- scope is set.
CREATE OR REPLACE FUNCTION sale_authorise(
    p_org UUID, p_version INT8, p_sale sale_facts, p_generation INT4, p_transfers transfer_facts[]
) RETURNS INT8
LANGUAGE plpgsql AS $$
BEGIN
    -- Locks, compares and changes the account in one statement; what does not compare is told apart afterwards.
    UPDATE account a SET
        adjustment_pending_wh = a.adjustment_pending_wh - p_sale.adjustment_used_wh + p_sale.carry_wh,
        preset_pending_wh = a.preset_pending_wh - p_sale.preset_deducted_wh,
        version = a.version + 1
    WHERE a.org_id = p_org AND a.account_id = p_sale.account_id
        AND a.version = p_version AND a.sold + 1 = p_sale.count AND a.period = p_sale.period
        AND a.issue = p_generation AND a.multiplier = p_sale.multiplier AND a.meter_id = p_sale.meter_id
        AND a.area_id = p_sale.area_id AND a.status = 'open'
        AND EXISTS (SELECT FROM workstation w
                    WHERE w.org_id = p_org AND w.workstation_id = p_sale.workstation_id
                        AND w.site_id = p_sale.site_id)
        AND EXISTS (SELECT FROM operator o
                    WHERE o.org_id = p_org AND o.operator_id = p_sale.operator_id AND o.status = 'active')
        AND EXISTS (SELECT FROM tariff_version v
                    WHERE v.org_id = p_org AND v.tariff_version_id = p_sale.tariff_version_id
                        AND v.tariff_id = a.tariff_id AND v.price_micro = p_sale.price_micro);
    IF NOT FOUND THEN
        RETURN sale_begin_refusal(p_org, p_version, p_sale, p_generation);
    END IF;

    INSERT INTO sale_open (org_id, account_id, sale_id, epoch, opened_at)
    VALUES (p_org, p_sale.account_id, p_sale.sale_id, 1, p_sale.created_at)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        PERFORM sale_begin_undo(p_org, p_sale);
        RETURN sale_begin_refusal(p_org, p_version, p_sale, p_generation);
    END IF;

    INSERT INTO sale (
        org_id, sale_id, account_id, meter_id, kind, period, count, energy_wh, amount_fen, price_micro,
        tariff_version_id, multiplier, adjustment_used_wh, carry_wh, preset_deducted_wh, quantity_wh, area_id, site_id,
        workstation_id, operator_id, payment, cash_fen, request_hash, created_at
    ) VALUES (
        p_org, p_sale.sale_id, p_sale.account_id, p_sale.meter_id, p_sale.kind, p_sale.period, p_sale.count,
        p_sale.energy_wh, p_sale.amount_fen, p_sale.price_micro, p_sale.tariff_version_id, p_sale.multiplier,
        p_sale.adjustment_used_wh, p_sale.carry_wh, p_sale.preset_deducted_wh, p_sale.quantity_wh, p_sale.area_id,
        p_sale.site_id, p_sale.workstation_id, p_sale.operator_id, p_sale.payment, p_sale.cash_fen,
        p_sale.request_hash, p_sale.created_at
    ) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        -- A late replay, decided on fresh counters: take everything back before answering.
        DELETE FROM sale_open WHERE org_id = p_org AND account_id = p_sale.account_id;
        PERFORM sale_begin_undo(p_org, p_sale);
        RETURN sale_begin_refusal(p_org, p_version, p_sale, p_generation);
    END IF;

    IF cardinality(p_transfers) = 1 THEN
        -- As a rule; the general form below sets up a function scan for it.
        INSERT INTO transfer (org_id, event_id, step, line, debit, credit, amount_fen, energy_wh, at)
        VALUES (
            p_org, p_sale.sale_id, 'begin', 1, p_transfers[1].debit, p_transfers[1].credit, p_transfers[1].amount_fen,
            p_transfers[1].energy_wh, p_sale.created_at
        );
    ELSE
        INSERT INTO transfer (org_id, event_id, step, line, debit, credit, amount_fen, energy_wh, at)
        SELECT p_org, p_sale.sale_id, 'begin', t.line, t.debit, t.credit, t.amount_fen, t.energy_wh, p_sale.created_at
        FROM unnest(p_transfers) WITH ORDINALITY t (debit, credit, amount_fen, energy_wh, line);
    END IF;
    RETURN 1;
END
$$;

CREATE OR REPLACE FUNCTION sale_begin(
    p_org UUID, p_version INT8, p_sale sale_facts, p_op card_op_facts, p_ticket JSONB, p_transfers transfer_facts[]
) RETURNS INT8
LANGUAGE plpgsql AS $$
DECLARE
    v_scope TEXT;
    v_code INT8;
BEGIN
    v_scope := set_config('dianka.org', p_org::text, true);

    v_code := sale_authorise(p_org, p_version, p_sale, p_op.generation, p_transfers);
    IF v_code <> 1 THEN
        RETURN v_code;
    END IF;
    INSERT INTO card_op (
        org_id, op_id, kind, sale_id, card_no, generation, alarm_wh, hoard_wh, overdraft_wh, limit_mode, capacity_w,
        driver_id, driver_version, driver_sha256, session, before_image, target_image, plan
    ) VALUES (
        p_org, p_sale.sale_id, 'sale', p_sale.sale_id, p_op.card_no, p_op.generation, p_op.alarm_wh, p_op.hoard_wh,
        p_op.overdraft_wh, p_op.limit_mode, p_op.capacity_w, p_op.driver_id, p_op.driver_version, p_op.driver_sha256,
        p_op.session, p_op.before_image, p_op.target_image, p_op.plan
    );
    INSERT INTO ticket (org_id, sale_id, epoch, workstation_id, session, issued_at, body)
    VALUES (p_org, p_sale.sale_id, 1, p_sale.workstation_id, p_op.session, p_sale.created_at, p_ticket);
    RETURN 1;
END
$$;

CREATE OR REPLACE FUNCTION sale_confirm(
    p_org UUID, p_sale UUID, p_workstation UUID, p_day DATE, p_at TIMESTAMPTZ, p_evidence JSONB, p_document JSONB,
    p_transfers transfer_facts[]
) RETURNS INT8
LANGUAGE plpgsql AS $$
DECLARE
    v_scope TEXT;
    v_sale RECORD;
    v_outcome RECORD;
    v_receipt INT8;
BEGIN
    v_scope := set_config('dianka.org', p_org::text, true);

    SELECT account_id, meter_id, area_id, site_id, period, count, energy_wh, amount_fen INTO v_sale
    FROM sale WHERE org_id = p_org AND sale_id = p_sale;
    IF NOT FOUND THEN
        RETURN -1;
    END IF;
    PERFORM 1 FROM account WHERE org_id = p_org AND account_id = v_sale.account_id FOR NO KEY UPDATE;
    -- What was read under a ticket decides only while that ticket is the newest; what the meter returned always does.
    DELETE FROM sale_open WHERE org_id = p_org AND account_id = v_sale.account_id AND sale_id = p_sale
        AND epoch = COALESCE((p_evidence ->> 'epoch')::INT4, epoch);
    IF NOT FOUND THEN
        PERFORM 1 FROM sale_open WHERE org_id = p_org AND account_id = v_sale.account_id AND sale_id = p_sale;
        IF FOUND THEN
            RETURN -2;
        END IF;
        SELECT outcome, receipt_no INTO v_outcome FROM sale_outcome WHERE org_id = p_org AND sale_id = p_sale;
        RETURN CASE WHEN NOT FOUND THEN -8 WHEN v_outcome.outcome = 'committed' THEN v_outcome.receipt_no ELSE -7 END;
    END IF;

    UPDATE workstation_counter SET next_receipt_no = next_receipt_no + 1
    WHERE org_id = p_org AND workstation_id = p_workstation
    RETURNING next_receipt_no - 1 INTO STRICT v_receipt;
    INSERT INTO sale_outcome (
        org_id, sale_id, account_id, meter_id, area_id, period, count, outcome, workstation_id, day, receipt_no,
        evidence, document, at
    ) VALUES (
        p_org, p_sale, v_sale.account_id, v_sale.meter_id, v_sale.area_id, v_sale.period, v_sale.count, 'committed',
        p_workstation, p_day, v_receipt, p_evidence, p_document, p_at
    );
    INSERT INTO transfer (org_id, event_id, step, line, debit, credit, amount_fen, energy_wh, at)
    SELECT p_org, p_sale, 'confirm', t.line, t.debit, t.credit, t.amount_fen, t.energy_wh, p_at
    FROM unnest(p_transfers) WITH ORDINALITY t (debit, credit, amount_fen, energy_wh, line);
    UPDATE account SET
        sold = v_sale.count, total_fen = total_fen + v_sale.amount_fen, total_wh = total_wh + v_sale.energy_wh,
        version = version + 1
    WHERE org_id = p_org AND account_id = v_sale.account_id;
    -- The card answered to our password and carries our image.
    UPDATE card SET psc_state = 'ours', tries_seen = 3, writes = writes + 1
    WHERE org_id = p_org
        AND card_no = (SELECT op.card_no FROM card_op op WHERE op.org_id = p_org AND op.op_id = p_sale)
        AND state = 'current';
    INSERT INTO rollup_delta (org_id, sale_id, area_id, site_id, day, energy_wh, amount_fen)
    VALUES (p_org, p_sale, v_sale.area_id, v_sale.site_id, p_day, v_sale.energy_wh, v_sale.amount_fen);
    RETURN v_receipt;
END
$$;

-- Authorises and finishes at once: a token has no card to be proven. p_token.after is the identifier that the token was made
-- after; if it is not the meter's last one any more, the caller makes another token.
CREATE OR REPLACE FUNCTION sale_token(
    p_org UUID, p_version INT8, p_sale sale_facts, p_token token_facts, p_day DATE, p_evidence JSONB, p_document JSONB,
    p_begin transfer_facts[], p_confirm transfer_facts[]
) RETURNS INT8
LANGUAGE plpgsql AS $$
DECLARE
    v_scope TEXT;
    v_code INT8;
    v_last INT8;
BEGIN
    v_scope := set_config('dianka.org', p_org::text, true);

    -- The meter's tokens follow one another under the lock of its account.
    PERFORM 1 FROM account WHERE org_id = p_org AND account_id = p_sale.account_id FOR NO KEY UPDATE;
    PERFORM 1 FROM sale WHERE org_id = p_org AND sale_id = p_sale.sale_id;
    IF FOUND THEN
        v_code := sale_begin_refusal(p_org, p_version, p_sale, p_token.generation);
        RETURN CASE v_code WHEN 2 THEN 0 ELSE v_code END;
    END IF;
    SELECT identifier INTO v_last FROM token_last
    WHERE org_id = p_org AND meter_id = p_sale.meter_id AND key_slot = p_token.key_slot FOR UPDATE;
    IF v_last IS DISTINCT FROM p_token.after OR p_token.identifier <= v_last THEN
        RETURN -9;
    END IF;
    v_code := sale_authorise(p_org, p_version, p_sale, p_token.generation, p_begin);
    IF v_code <> 1 THEN
        RETURN CASE v_code WHEN 2 THEN 0 ELSE v_code END;
    END IF;

    INSERT INTO token_last AS last (org_id, meter_id, key_slot, identifier)
    VALUES (p_org, p_sale.meter_id, p_token.key_slot, p_token.identifier)
    ON CONFLICT (org_id, meter_id, key_slot) DO UPDATE SET identifier = EXCLUDED.identifier
    WHERE last.identifier = p_token.after;
    INSERT INTO token_op (
        org_id, sale_id, meter_id, key_slot, identifier, digits, driver_id, driver_version, driver_sha256
    ) VALUES (
        p_org, p_sale.sale_id, p_sale.meter_id, p_token.key_slot, p_token.identifier, p_token.digits, p_token.driver_id,
        p_token.driver_version, p_token.driver_sha256
    );
    v_code := sale_confirm(
        p_org, p_sale.sale_id, p_sale.workstation_id, p_day, p_sale.created_at, p_evidence, p_document, p_confirm);
    IF v_code < 1 THEN
        -- Nothing of it may stay.
        RAISE EXCEPTION 'sale_confirm answered % for a sale that was authorised in this very statement', v_code;
    END IF;
    RETURN v_code;
END
$$;

-- Gives back what the sale had taken from the account. Only on evidence: the caller has it, and it is stored.
CREATE OR REPLACE FUNCTION sale_void(
    p_org UUID, p_sale UUID, p_workstation UUID, p_day DATE, p_at TIMESTAMPTZ, p_evidence JSONB,
    p_transfers transfer_facts[]
) RETURNS INT8
LANGUAGE plpgsql AS $$
DECLARE
    v_scope TEXT;
    v_sale RECORD;
    v_outcome TEXT;
BEGIN
    v_scope := set_config('dianka.org', p_org::text, true);

    SELECT account_id, meter_id, area_id, period, count, adjustment_used_wh, carry_wh, preset_deducted_wh
    INTO v_sale
    FROM sale WHERE org_id = p_org AND sale_id = p_sale;
    IF NOT FOUND THEN
        RETURN -1;
    END IF;
    PERFORM 1 FROM account WHERE org_id = p_org AND account_id = v_sale.account_id FOR NO KEY UPDATE;
    -- A replacement card carries its purchase, or is about to: it only goes forward.
    PERFORM 1 FROM replacement_open WHERE org_id = p_org AND account_id = v_sale.account_id;
    IF FOUND THEN
        RETURN -10;
    END IF;
    DELETE FROM sale_open WHERE org_id = p_org AND account_id = v_sale.account_id AND sale_id = p_sale
        AND epoch = COALESCE((p_evidence ->> 'epoch')::INT4, epoch);
    IF NOT FOUND THEN
        PERFORM 1 FROM sale_open WHERE org_id = p_org AND account_id = v_sale.account_id AND sale_id = p_sale;
        IF FOUND THEN
            RETURN -2;
        END IF;
        SELECT outcome INTO v_outcome FROM sale_outcome WHERE org_id = p_org AND sale_id = p_sale;
        RETURN CASE WHEN NOT FOUND THEN -8 WHEN v_outcome = 'voided' THEN 2 ELSE -7 END;
    END IF;

    INSERT INTO sale_outcome (
        org_id, sale_id, account_id, meter_id, area_id, period, count, outcome, workstation_id, day, evidence, at
    ) VALUES (
        p_org, p_sale, v_sale.account_id, v_sale.meter_id, v_sale.area_id, v_sale.period, v_sale.count, 'voided',
        p_workstation, p_day, p_evidence, p_at
    );
    INSERT INTO transfer (org_id, event_id, step, line, debit, credit, amount_fen, energy_wh, at)
    SELECT p_org, p_sale, 'void', t.line, t.debit, t.credit, t.amount_fen, t.energy_wh, p_at
    FROM unnest(p_transfers) WITH ORDINALITY t (debit, credit, amount_fen, energy_wh, line);
    UPDATE account SET
        adjustment_pending_wh = adjustment_pending_wh + v_sale.adjustment_used_wh - v_sale.carry_wh,
        preset_pending_wh = preset_pending_wh + v_sale.preset_deducted_wh,
        version = version + 1
    WHERE org_id = p_org AND account_id = v_sale.account_id;
    RETURN 1;
END
$$;

-- p_epoch is the epoch that the signed body was made for: it must be the next one, so a body and its epoch never part.
-- p_sale is a sale, or a replacement card's operation.
CREATE OR REPLACE FUNCTION ticket_add(
    p_org UUID, p_sale UUID, p_epoch INT4, p_workstation UUID, p_session TEXT, p_at TIMESTAMPTZ, p_body JSONB
) RETURNS INT8
LANGUAGE plpgsql AS $$
DECLARE
    v_scope TEXT;
    v_account UUID;
BEGIN
    v_scope := set_config('dianka.org', p_org::text, true);

    SELECT account_id INTO v_account FROM sale WHERE org_id = p_org AND sale_id = p_sale;
    IF FOUND THEN
        PERFORM 1 FROM account WHERE org_id = p_org AND account_id = v_account FOR NO KEY UPDATE;
        PERFORM 1 FROM sale_open WHERE org_id = p_org AND account_id = v_account AND sale_id = p_sale;
        IF NOT FOUND THEN
            RETURN -8;
        END IF;
        -- The account's card is another one now: this sale's is never written again.
        PERFORM 1 FROM replacement_open WHERE org_id = p_org AND account_id = v_account;
        IF FOUND THEN
            RETURN -10;
        END IF;
        UPDATE sale_open SET epoch = p_epoch
        WHERE org_id = p_org AND account_id = v_account AND sale_id = p_sale AND epoch = p_epoch - 1;
    ELSE
        SELECT account_id INTO v_account FROM replacement WHERE org_id = p_org AND op_id = p_sale;
        IF NOT FOUND THEN
            RETURN -1;
        END IF;
        PERFORM 1 FROM account WHERE org_id = p_org AND account_id = v_account FOR NO KEY UPDATE;
        PERFORM 1 FROM replacement_open WHERE org_id = p_org AND account_id = v_account AND op_id = p_sale;
        IF NOT FOUND THEN
            RETURN -8;
        END IF;
        UPDATE replacement_open SET epoch = p_epoch
        WHERE org_id = p_org AND account_id = v_account AND op_id = p_sale AND epoch = p_epoch - 1;
    END IF;
    IF NOT FOUND THEN
        RETURN -2;
    END IF;
    INSERT INTO ticket (org_id, sale_id, epoch, workstation_id, session, issued_at, body)
    VALUES (p_org, p_sale, p_epoch, p_workstation, p_session, p_at, p_body);
    RETURN p_epoch;
END
$$;

-- A station's promise to run no ticket of the sale up to an epoch.
CREATE OR REPLACE FUNCTION fence_add(
    p_org UUID, p_sale UUID, p_workstation UUID, p_up_to INT4, p_at TIMESTAMPTZ
) RETURNS INT8
LANGUAGE plpgsql AS $$
DECLARE
    v_scope TEXT;
    v_account UUID;
    v_epoch INT4;
BEGIN
    v_scope := set_config('dianka.org', p_org::text, true);

    SELECT account_id INTO v_account FROM sale WHERE org_id = p_org AND sale_id = p_sale;
    IF NOT FOUND THEN
        RETURN -1;
    END IF;
    PERFORM 1 FROM account WHERE org_id = p_org AND account_id = v_account FOR NO KEY UPDATE;
    SELECT epoch INTO v_epoch FROM sale_open WHERE org_id = p_org AND account_id = v_account AND sale_id = p_sale;
    IF NOT FOUND THEN
        RETURN -8;
    END IF;
    INSERT INTO fence (org_id, sale_id, workstation_id, up_to_epoch, newest_epoch, at)
    VALUES (p_org, p_sale, p_workstation, p_up_to, v_epoch, p_at)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        SELECT newest_epoch INTO STRICT v_epoch FROM fence
        WHERE org_id = p_org AND sale_id = p_sale AND workstation_id = p_workstation AND up_to_epoch = p_up_to;
    END IF;
    RETURN v_epoch;
END
$$;

-- p_acked: the highest number that this reading proves taken, NULL when it proves nothing; p_period: whose counter it is.
CREATE OR REPLACE FUNCTION reading_record(p_org UUID, p_read card_read_facts, p_acked INT4, p_period INT4) RETURNS INT8
LANGUAGE plpgsql AS $$
DECLARE
    v_scope TEXT;
    v_account RECORD;
    v_code INT8 := 1;
BEGIN
    v_scope := set_config('dianka.org', p_org::text, true);

    INSERT INTO card_read (
        org_id, read_id, account_id, card_no, workstation_id, operator_id, session, kind, image, tries, returned_count,
        remaining_wh, total_used_wh, total_purchased_wh, overdraft_wh, power_w, status_word, details, at
    ) VALUES (
        p_org, p_read.read_id, p_read.account_id, p_read.card_no, p_read.workstation_id, p_read.operator_id,
        p_read.session, p_read.kind, p_read.image, p_read.tries, p_read.returned_count, p_read.remaining_wh,
        p_read.total_used_wh, p_read.total_purchased_wh, p_read.overdraft_wh, p_read.power_w, p_read.status_word,
        p_read.details, p_read.at
    ) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN 4;
    END IF;
    IF p_read.account_id IS NOT NULL AND p_acked IS NOT NULL THEN
        SELECT sold, acked, period INTO v_account
        FROM account WHERE org_id = p_org AND account_id = p_read.account_id FOR NO KEY UPDATE;
        IF FOUND AND v_account.period = p_period AND p_acked > v_account.acked THEN
            IF p_acked > v_account.sold THEN
                v_code := 3;
            ELSE
                UPDATE account SET acked = p_acked, version = version + 1
                WHERE org_id = p_org AND account_id = p_read.account_id;
                v_code := 2;
            END IF;
        END IF;
    END IF;
    IF p_read.card_no IS NOT NULL THEN
        UPDATE card SET tries_seen = p_read.tries
        WHERE org_id = p_org AND card_no = p_read.card_no AND tries_seen IS DISTINCT FROM p_read.tries;
    END IF;
    RETURN v_code;
END
$$;
