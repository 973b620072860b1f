-- Replacement cards: the same manner as the sale's functions, which see. Lock order: account, then the workstation's counter
-- (where a sale ends with it), then the card.
--
-- replacement_begin   1 begun | 2 replayed | -1 no account | -2 stale decision | -3 another replacement is open
--                     | -4 same id, other body | -6 account not open
-- replacement_confirm 1 done | 2 replayed | -1 no replacement | -2 a newer ticket is out | -8 not open

-- From here on the account's card is the new one, and the old one is never written again; the sale whose purchase it
-- repeats, if it is open, only goes forward. The version rises, so no decision about the account survives this.
CREATE OR REPLACE FUNCTION replacement_begin(
    p_org UUID, p_version INT8, p_new replacement_facts, p_op card_op_facts, p_ticket JSONB
) RETURNS INT8
LANGUAGE plpgsql AS $$
DECLARE
    v_scope TEXT;
    v_account RECORD;
    v_hash BYTEA;
    v_sale UUID;
BEGIN
    v_scope := set_config('dianka.org', p_org::text, true);

    SELECT version, sold, period, issue, status INTO v_account
    FROM account WHERE org_id = p_org AND account_id = p_new.account_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN -1;
    END IF;
    SELECT request_hash INTO v_hash FROM replacement WHERE org_id = p_org AND op_id = p_new.op_id;
    IF FOUND THEN
        RETURN CASE WHEN v_hash = p_new.request_hash THEN 2 ELSE -4 END;
    END IF;
    PERFORM 1 FROM replacement_open WHERE org_id = p_org AND account_id = p_new.account_id;
    IF FOUND THEN
        RETURN -3;
    END IF;
    IF v_account.status <> 'open' THEN
        RETURN -6;
    END IF;
    -- The purchase to repeat: the one that is being sold, or else the last one that was.
    SELECT sale_id INTO v_sale FROM sale_open WHERE org_id = p_org AND account_id = p_new.account_id;
    IF NOT FOUND THEN
        SELECT s.sale_id INTO v_sale
        FROM sale s
        JOIN sale_outcome o ON o.org_id = p_org AND o.sale_id = s.sale_id AND o.outcome = 'committed'
        WHERE s.org_id = p_org AND s.account_id = p_new.account_id AND s.sale_id = p_new.sale_id
            AND s.period = v_account.period AND s.count = v_account.sold;
    END IF;
    IF v_sale IS DISTINCT FROM p_new.sale_id OR v_account.version <> p_version OR v_account.issue + 1 <> p_op.generation
    THEN
        RETURN -2;
    END IF;

    UPDATE card SET state = 'blocked'
    WHERE org_id = p_org AND account_id = p_new.account_id AND state = 'current' AND card_no = p_new.old_card_no;
    IF NOT FOUND THEN
        RETURN -2;
    END IF;
    INSERT INTO card (org_id, card_id, card_no, account_id, generation, state, psc_state)
    VALUES (p_org, p_new.card_id, p_op.card_no, p_new.account_id, p_op.generation, 'current', 'transport');
    UPDATE account SET issue = issue + 1, version = version + 1
    WHERE org_id = p_org AND account_id = p_new.account_id;

    INSERT INTO replacement (
        org_id, op_id, account_id, sale_id, reason, old_card_no, card_no, workstation_id, operator_id, request_hash,
        created_at
    ) VALUES (
        p_org, p_new.op_id, p_new.account_id, p_new.sale_id, p_new.reason, p_new.old_card_no, p_op.card_no,
        p_new.workstation_id, p_new.operator_id, p_new.request_hash, p_new.created_at
    );
    INSERT INTO replacement_open (org_id, account_id, op_id, epoch, opened_at)
    VALUES (p_org, p_new.account_id, p_new.op_id, 1, p_new.created_at);
    INSERT INTO card_op (
        org_id, op_id, kind, sale_id, card_no, generation, alarm_wh, hoard_wh, overdraft_wh, limit_mode, capacity_w,
        driver_id, driver_version, driver_sha256, session, before_image, target_image, plan
    ) VALUES (
        p_org, p_new.op_id, 'replace', p_new.sale_id, p_op.card_no, p_op.generation, p_op.alarm_wh, p_op.hoard_wh,
        p_op.overdraft_wh, p_op.limit_mode, p_op.capacity_w, p_op.driver_id, p_op.driver_version, p_op.driver_sha256,
        p_op.session, p_op.before_image, p_op.target_image, p_op.plan
    );
    INSERT INTO ticket (org_id, sale_id, epoch, workstation_id, session, issued_at, body)
    VALUES (p_org, p_new.op_id, 1, p_new.workstation_id, p_op.session, p_new.created_at, p_ticket);
    RETURN 1;
END
$$;

-- Its own card is proven. The sale whose purchase it carries, if it is still open, ends with it, in the same commit:
-- p_day, p_document and p_transfers are that sale's.
CREATE OR REPLACE FUNCTION replacement_confirm(
    p_org UUID, p_op UUID, p_workstation UUID, p_day DATE, p_at TIMESTAMPTZ, p_evidence JSONB, p_document JSONB,
    p_transfers transfer_facts[]
) RETURNS INT8
LANGUAGE plpgsql AS $$
DECLARE
    v_scope TEXT;
    v_new RECORD;
    v_code INT8;
BEGIN
    v_scope := set_config('dianka.org', p_org::text, true);

    SELECT account_id, sale_id, card_no INTO v_new FROM replacement WHERE org_id = p_org AND op_id = p_op;
    IF NOT FOUND THEN
        RETURN -1;
    END IF;
    PERFORM 1 FROM account WHERE org_id = p_org AND account_id = v_new.account_id FOR NO KEY UPDATE;
    DELETE FROM replacement_open WHERE org_id = p_org AND account_id = v_new.account_id AND op_id = p_op
        AND epoch = (p_evidence ->> 'epoch')::INT4;
    IF NOT FOUND THEN
        PERFORM 1 FROM replacement_open WHERE org_id = p_org AND account_id = v_new.account_id AND op_id = p_op;
        IF FOUND THEN
            RETURN -2;
        END IF;
        PERFORM 1 FROM replacement_outcome WHERE org_id = p_org AND op_id = p_op;
        RETURN CASE WHEN FOUND THEN 2 ELSE -8 END;
    END IF;

    INSERT INTO replacement_outcome (org_id, op_id, workstation_id, evidence, at)
    VALUES (p_org, p_op, p_workstation, p_evidence, p_at);
    PERFORM 1 FROM sale_open WHERE org_id = p_org AND account_id = v_new.account_id AND sale_id = v_new.sale_id;
    IF FOUND THEN
        v_code := sale_confirm(
            p_org, v_new.sale_id, p_workstation, p_day, p_at, jsonb_build_object('kind', 'replacement', 'op_id', p_op),
            p_document, p_transfers);
        IF v_code < 1 THEN
            RAISE EXCEPTION 'sale_confirm answered % for a sale that was open in this very statement', v_code;
        END IF;
    END IF;
    UPDATE card SET psc_state = 'ours', tries_seen = 3, writes = writes + 1
    WHERE org_id = p_org AND card_no = v_new.card_no;
    UPDATE account SET version = version + 1 WHERE org_id = p_org AND account_id = v_new.account_id;
    RETURN 1;
END
$$;
