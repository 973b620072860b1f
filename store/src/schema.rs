// Made from the migrated database by the test `schema_file_equals_the_database`. Do not edit: see that test.

diesel::table! {
    account (org_id, account_id) {
        org_id -> Uuid,
        account_id -> Uuid,
        user_no -> Int8,
        name -> Text,
        unit -> Text,
        address -> Text,
        phone -> Text,
        area_id -> Uuid,
        meter_id -> Uuid,
        tariff_id -> Uuid,
        pt_primary -> Int4,
        pt_secondary -> Int4,
        ct_primary -> Int4,
        ct_secondary -> Int4,
        multiplier -> Int4,
        limit_mode -> Int4,
        capacity_w -> Int8,
        period -> Int4,
        sold -> Int4,
        acked -> Int4,
        issue -> Int4,
        adjustment_pending_wh -> Int8,
        preset_pending_wh -> Int8,
        hoard_wh -> Nullable<Int8>,
        alarm_wh -> Nullable<Int8>,
        overdraft_wh -> Nullable<Int8>,
        version -> Int8,
        status -> Text,
        total_fen -> Int8,
        total_wh -> Int8,
        opened_at -> Timestamptz,
    }
}

diesel::table! {
    adjustment (org_id, adjustment_id) {
        org_id -> Uuid,
        adjustment_id -> Uuid,
        account_id -> Uuid,
        energy_wh -> Int8,
        reason -> Text,
        operator_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    alarm (org_id, alarm_id) {
        org_id -> Uuid,
        alarm_id -> Uuid,
        kind -> Text,
        subject -> Text,
        first_report -> Uuid,
        last_report -> Uuid,
        found -> Int8,
        fingerprint -> Text,
        opened_at -> Timestamptz,
        seen_at -> Timestamptz,
        closed_at -> Nullable<Timestamptz>,
        closed_by -> Nullable<Uuid>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    area (org_id, area_id) {
        org_id -> Uuid,
        area_id -> Uuid,
        parent_id -> Nullable<Uuid>,
        code -> Text,
        name -> Text,
        kind -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    area_closure (org_id, ancestor_id, descendant_id) {
        org_id -> Uuid,
        ancestor_id -> Uuid,
        descendant_id -> Uuid,
        distance -> Int4,
    }
}

diesel::table! {
    audit (org_id, seq) {
        org_id -> Uuid,
        seq -> Int8,
        at -> Timestamptz,
        operator_id -> Nullable<Uuid>,
        workstation_id -> Nullable<Uuid>,
        action -> Text,
        subject_kind -> Text,
        subject_id -> Nullable<Uuid>,
        detail -> Jsonb,
        request_id -> Nullable<Text>,
        prev_hash -> Nullable<Bytea>,
        hash -> Nullable<Bytea>,
    }
}

diesel::table! {
    card (org_id, card_id) {
        org_id -> Uuid,
        card_id -> Uuid,
        card_no -> Int8,
        account_id -> Uuid,
        generation -> Int4,
        state -> Text,
        psc_state -> Text,
        tries_seen -> Nullable<Int4>,
        writes -> Int4,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    card_op (org_id, op_id) {
        org_id -> Uuid,
        op_id -> Uuid,
        kind -> Text,
        sale_id -> Uuid,
        card_no -> Int8,
        generation -> Int4,
        alarm_wh -> Int8,
        hoard_wh -> Int8,
        overdraft_wh -> Int8,
        limit_mode -> Int4,
        capacity_w -> Int8,
        driver_id -> Text,
        driver_version -> Text,
        driver_sha256 -> Bytea,
        session -> Text,
        before_image -> Bytea,
        target_image -> Bytea,
        plan -> Jsonb,
    }
}

diesel::table! {
    card_read (org_id, read_id) {
        org_id -> Uuid,
        read_id -> Uuid,
        account_id -> Nullable<Uuid>,
        card_no -> Nullable<Int8>,
        workstation_id -> Uuid,
        operator_id -> Nullable<Uuid>,
        session -> Text,
        kind -> Text,
        image -> Bytea,
        tries -> Int4,
        returned_count -> Nullable<Int4>,
        remaining_wh -> Nullable<Int8>,
        total_used_wh -> Nullable<Int8>,
        total_purchased_wh -> Nullable<Int8>,
        overdraft_wh -> Nullable<Int8>,
        power_w -> Nullable<Int8>,
        status_word -> Nullable<Int4>,
        details -> Nullable<Jsonb>,
        at -> Timestamptz,
    }
}

diesel::table! {
    document_print (org_id, sale_id, copy) {
        org_id -> Uuid,
        sale_id -> Uuid,
        copy -> Int4,
        operator_id -> Uuid,
        at -> Timestamptz,
    }
}

diesel::table! {
    driver_activation (org_id, driver_id, driver_version, driver_sha256) {
        org_id -> Uuid,
        driver_id -> Text,
        driver_version -> Text,
        driver_sha256 -> Bytea,
        kind -> Text,
        state -> Text,
        reason -> Nullable<Text>,
        operator_id -> Nullable<Uuid>,
        changed_at -> Timestamptz,
    }
}

diesel::table! {
    fence (org_id, sale_id, workstation_id, up_to_epoch) {
        org_id -> Uuid,
        sale_id -> Uuid,
        workstation_id -> Uuid,
        up_to_epoch -> Int4,
        newest_epoch -> Int4,
        at -> Timestamptz,
    }
}

diesel::table! {
    installed_file (name) {
        name -> Text,
        sha256 -> Text,
    }
}

diesel::table! {
    job_lock (org_id, name) {
        org_id -> Uuid,
        name -> Text,
    }
}

diesel::table! {
    meter (org_id, meter_id) {
        org_id -> Uuid,
        meter_id -> Uuid,
        factory_no -> Text,
        meter_type_id -> Uuid,
        status -> Text,
        start_reading_wh -> Int8,
        period -> Int4,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    meter_type (org_id, meter_type_id) {
        org_id -> Uuid,
        meter_type_id -> Uuid,
        name -> Text,
        model -> Text,
        driver_id -> Text,
        driver_version -> Text,
        constant_imp -> Int4,
        rated_ma -> Int4,
        max_ma -> Int4,
        phases -> Int4,
        voltage_v -> Int4,
        hoard_wh -> Int8,
        overdraft_wh -> Int8,
        preset_wh -> Int8,
        alarm_wh -> Nullable<Int8>,
        retired -> Bool,
        created_at -> Timestamptz,
        carrier -> Text,
        token_params -> Jsonb,
    }
}

diesel::table! {
    number_counter (org_id, name) {
        org_id -> Uuid,
        name -> Text,
        next -> Int8,
    }
}

diesel::table! {
    operator (org_id, operator_id) {
        org_id -> Uuid,
        operator_id -> Uuid,
        login -> Text,
        name -> Text,
        role -> Text,
        rights -> Array<Text>,
        password_hash -> Text,
        status -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    org (org_id) {
        org_id -> Uuid,
        code -> Text,
        name -> Text,
        system_code -> Int4,
        mode -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    org_directory (code) {
        code -> Text,
        home_org_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    reconciliation (org_id, reconciliation_id) {
        org_id -> Uuid,
        reconciliation_id -> Uuid,
        cause -> Text,
        night -> Nullable<Date>,
        operator_id -> Nullable<Uuid>,
        snapshot_at -> Timestamptz,
        took_ms -> Int8,
        holds -> Bool,
        invariants -> Int4,
        broken -> Int4,
        unknown -> Int4,
        report -> Jsonb,
    }
}

diesel::table! {
    refresh_token (org_id, token_hash) {
        org_id -> Uuid,
        token_hash -> Bytea,
        family -> Uuid,
        operator_id -> Uuid,
        issued_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    replacement (org_id, op_id) {
        org_id -> Uuid,
        op_id -> Uuid,
        account_id -> Uuid,
        sale_id -> Uuid,
        reason -> Text,
        old_card_no -> Int8,
        card_no -> Int8,
        workstation_id -> Uuid,
        operator_id -> Uuid,
        request_hash -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    replacement_open (org_id, account_id) {
        org_id -> Uuid,
        account_id -> Uuid,
        op_id -> Uuid,
        epoch -> Int4,
        opened_at -> Timestamptz,
    }
}

diesel::table! {
    replacement_outcome (org_id, op_id) {
        org_id -> Uuid,
        op_id -> Uuid,
        workstation_id -> Uuid,
        evidence -> Jsonb,
        at -> Timestamptz,
    }
}

diesel::table! {
    rollup_day (org_id, area_id, day, site_id) {
        org_id -> Uuid,
        area_id -> Uuid,
        day -> Date,
        site_id -> Uuid,
        sales -> Int8,
        energy_wh -> Int8,
        amount_fen -> Int8,
    }
}

diesel::table! {
    rollup_delta (org_id, sale_id) {
        org_id -> Uuid,
        sale_id -> Uuid,
        area_id -> Uuid,
        site_id -> Uuid,
        day -> Date,
        energy_wh -> Int8,
        amount_fen -> Int8,
    }
}

diesel::table! {
    rollup_month (org_id, area_id, month, site_id) {
        org_id -> Uuid,
        area_id -> Uuid,
        month -> Date,
        site_id -> Uuid,
        sales -> Int8,
        energy_wh -> Int8,
        amount_fen -> Int8,
    }
}

diesel::table! {
    sale (org_id, sale_id) {
        org_id -> Uuid,
        sale_id -> Uuid,
        account_id -> Uuid,
        meter_id -> Uuid,
        kind -> Text,
        period -> Int4,
        count -> Int4,
        energy_wh -> Int8,
        amount_fen -> Int8,
        price_micro -> Int8,
        tariff_version_id -> Uuid,
        multiplier -> Int4,
        adjustment_used_wh -> Int8,
        carry_wh -> Int8,
        preset_deducted_wh -> Int8,
        quantity_wh -> Int8,
        area_id -> Uuid,
        site_id -> Uuid,
        workstation_id -> Uuid,
        operator_id -> Uuid,
        payment -> Text,
        cash_fen -> Nullable<Int8>,
        request_hash -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    sale_open (org_id, account_id) {
        org_id -> Uuid,
        account_id -> Uuid,
        sale_id -> Uuid,
        epoch -> Int4,
        opened_at -> Timestamptz,
    }
}

diesel::table! {
    sale_outcome (org_id, sale_id) {
        org_id -> Uuid,
        sale_id -> Uuid,
        account_id -> Uuid,
        meter_id -> Uuid,
        area_id -> Uuid,
        period -> Int4,
        count -> Int4,
        outcome -> Text,
        workstation_id -> Uuid,
        day -> Date,
        receipt_no -> Nullable<Int8>,
        evidence -> Jsonb,
        document -> Nullable<Jsonb>,
        at -> Timestamptz,
    }
}

diesel::table! {
    site (org_id, site_id) {
        org_id -> Uuid,
        site_id -> Uuid,
        code -> Text,
        name -> Text,
        created_at -> Timestamptz,
        retired_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    station_code (org_id, code_hash) {
        org_id -> Uuid,
        code_hash -> Bytea,
        workstation_id -> Uuid,
        issued_at -> Timestamptz,
        expires_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        sign_key -> Nullable<Bytea>,
    }
}

diesel::table! {
    station_key (org_id, sign_key) {
        org_id -> Uuid,
        sign_key -> Bytea,
        workstation_id -> Uuid,
        box_key -> Bytea,
        enrolled_at -> Timestamptz,
        journal_seq -> Int8,
        ended_at -> Nullable<Timestamptz>,
        ended_by -> Nullable<Text>,
    }
}

diesel::table! {
    tariff (org_id, tariff_id) {
        org_id -> Uuid,
        tariff_id -> Uuid,
        code -> Text,
        name -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    tariff_version (org_id, tariff_version_id) {
        org_id -> Uuid,
        tariff_version_id -> Uuid,
        tariff_id -> Uuid,
        price_micro -> Int8,
        valid_from -> Date,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    ticket (org_id, sale_id, epoch) {
        org_id -> Uuid,
        sale_id -> Uuid,
        epoch -> Int4,
        workstation_id -> Uuid,
        session -> Text,
        issued_at -> Timestamptz,
        body -> Jsonb,
    }
}

diesel::table! {
    token_last (org_id, meter_id, key_slot) {
        org_id -> Uuid,
        meter_id -> Uuid,
        key_slot -> Text,
        identifier -> Int8,
    }
}

diesel::table! {
    token_op (org_id, sale_id) {
        org_id -> Uuid,
        sale_id -> Uuid,
        meter_id -> Uuid,
        key_slot -> Text,
        identifier -> Int8,
        digits -> Text,
        driver_id -> Text,
        driver_version -> Text,
        driver_sha256 -> Bytea,
    }
}

diesel::table! {
    transfer (org_id, event_id, step, line) {
        org_id -> Uuid,
        event_id -> Uuid,
        step -> Text,
        line -> Int4,
        debit -> Int4,
        credit -> Int4,
        amount_fen -> Int8,
        energy_wh -> Int8,
        at -> Timestamptz,
    }
}

diesel::table! {
    workstation (org_id, workstation_id) {
        org_id -> Uuid,
        workstation_id -> Uuid,
        site_id -> Uuid,
        number -> Int4,
        name -> Text,
        kind -> Text,
        reader_driver_id -> Nullable<Text>,
        reader_port -> Nullable<Text>,
        reader_baud -> Nullable<Int4>,
        created_at -> Timestamptz,
        language -> Nullable<Text>,
        log_level -> Nullable<Text>,
        settings_revision -> Int8,
        retired_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    workstation_counter (org_id, workstation_id) {
        org_id -> Uuid,
        workstation_id -> Uuid,
        next_receipt_no -> Int8,
    }
}

diesel::table! {
    workstation_driver (org_id, workstation_id, driver_id) {
        org_id -> Uuid,
        workstation_id -> Uuid,
        driver_id -> Text,
        driver_version -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    account,
    adjustment,
    alarm,
    area,
    area_closure,
    audit,
    card,
    card_op,
    card_read,
    document_print,
    driver_activation,
    fence,
    installed_file,
    job_lock,
    meter,
    meter_type,
    number_counter,
    operator,
    org,
    org_directory,
    reconciliation,
    refresh_token,
    replacement,
    replacement_open,
    replacement_outcome,
    rollup_day,
    rollup_delta,
    rollup_month,
    sale,
    sale_open,
    sale_outcome,
    site,
    station_code,
    station_key,
    tariff,
    tariff_version,
    ticket,
    token_last,
    token_op,
    transfer,
    workstation,
    workstation_counter,
    workstation_driver,
);
