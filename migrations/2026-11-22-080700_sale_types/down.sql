-- The functions of the replaceable files go with the types that they take; the next start installs them again.
DROP FUNCTION IF EXISTS rollup_rebuild(UUID);
DROP FUNCTION IF EXISTS rollup_fold(UUID);
DROP FUNCTION IF EXISTS fence_add(UUID, UUID, UUID, INT4, TIMESTAMPTZ);
DROP FUNCTION IF EXISTS ticket_add(UUID, UUID, INT4, UUID, TEXT, TIMESTAMPTZ, JSONB);
DROP TYPE card_read_facts CASCADE;
DROP TYPE transfer_facts CASCADE;
DROP TYPE card_op_facts CASCADE;
DROP TYPE sale_facts CASCADE;
DELETE FROM installed_file;
