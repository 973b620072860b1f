DROP FUNCTION IF EXISTS replacement_begin(UUID, INT8, replacement_facts, card_op_facts, JSONB);
DROP FUNCTION IF EXISTS replacement_confirm(UUID, UUID, UUID, DATE, TIMESTAMPTZ, JSONB, JSONB, transfer_facts[]);
DROP TYPE replacement_facts;
DROP TABLE replacement_outcome;
DROP TABLE replacement_open;
DROP TABLE replacement;
