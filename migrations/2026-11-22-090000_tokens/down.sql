DROP FUNCTION IF EXISTS sale_token(
    UUID, INT8, sale_facts, token_facts, DATE, JSONB, JSONB, transfer_facts[], transfer_facts[]
);
DROP TYPE token_facts;
DROP TABLE token_last;
DROP TABLE token_op;
ALTER TABLE meter
    DROP CONSTRAINT meter_factory_no_check,
    ADD CONSTRAINT meter_factory_no_check CHECK (factory_no ~ '^[0-9]{8}$');
ALTER TABLE meter_type DROP COLUMN token_params, DROP COLUMN carrier;
