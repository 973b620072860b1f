-- Foreign keys carry org_id on both sides: a row cannot point into another organisation. In a migration of their own,
-- since a sharded database wants its tables distributed first.
--
-- A sale has no key to site, workstation, operator or tariff version: checking one locks the row that all sales of a
-- site share. The application can neither delete those rows nor change their keys, and sale_begin looks them up.
-- card_op, sale_open and ticket have none either: they are written with their sale, by functions that have just read or
-- written it, from the same figures.
ALTER TABLE org_directory ADD CONSTRAINT org_directory_org_fkey FOREIGN KEY (home_org_id) REFERENCES org (org_id);
ALTER TABLE number_counter ADD CONSTRAINT number_counter_org_fkey FOREIGN KEY (org_id) REFERENCES org (org_id);
ALTER TABLE job_lock ADD CONSTRAINT job_lock_org_fkey FOREIGN KEY (org_id) REFERENCES org (org_id);
ALTER TABLE site ADD CONSTRAINT site_org_fkey FOREIGN KEY (org_id) REFERENCES org (org_id);
ALTER TABLE workstation ADD CONSTRAINT workstation_site_fkey
    FOREIGN KEY (org_id, site_id) REFERENCES site (org_id, site_id);
ALTER TABLE workstation_counter ADD CONSTRAINT workstation_counter_workstation_fkey
    FOREIGN KEY (org_id, workstation_id) REFERENCES workstation (org_id, workstation_id);
ALTER TABLE operator ADD CONSTRAINT operator_org_fkey FOREIGN KEY (org_id) REFERENCES org (org_id);
ALTER TABLE refresh_token ADD CONSTRAINT refresh_token_operator_fkey
    FOREIGN KEY (org_id, operator_id) REFERENCES operator (org_id, operator_id);
ALTER TABLE area ADD CONSTRAINT area_org_fkey FOREIGN KEY (org_id) REFERENCES org (org_id);
ALTER TABLE area ADD CONSTRAINT area_parent_fkey FOREIGN KEY (org_id, parent_id) REFERENCES area (org_id, area_id);
ALTER TABLE area_closure ADD CONSTRAINT area_closure_ancestor_fkey
    FOREIGN KEY (org_id, ancestor_id) REFERENCES area (org_id, area_id);
ALTER TABLE area_closure ADD CONSTRAINT area_closure_descendant_fkey
    FOREIGN KEY (org_id, descendant_id) REFERENCES area (org_id, area_id);
ALTER TABLE meter_type ADD CONSTRAINT meter_type_org_fkey FOREIGN KEY (org_id) REFERENCES org (org_id);
ALTER TABLE tariff ADD CONSTRAINT tariff_org_fkey FOREIGN KEY (org_id) REFERENCES org (org_id);
ALTER TABLE tariff_version ADD CONSTRAINT tariff_version_tariff_fkey
    FOREIGN KEY (org_id, tariff_id) REFERENCES tariff (org_id, tariff_id);
ALTER TABLE driver_activation ADD CONSTRAINT driver_activation_org_fkey FOREIGN KEY (org_id) REFERENCES org (org_id);
ALTER TABLE driver_activation ADD CONSTRAINT driver_activation_operator_fkey
    FOREIGN KEY (org_id, operator_id) REFERENCES operator (org_id, operator_id);
ALTER TABLE meter ADD CONSTRAINT meter_type_fkey
    FOREIGN KEY (org_id, meter_type_id) REFERENCES meter_type (org_id, meter_type_id);
ALTER TABLE account ADD CONSTRAINT account_area_fkey FOREIGN KEY (org_id, area_id) REFERENCES area (org_id, area_id);
ALTER TABLE account ADD CONSTRAINT account_meter_fkey FOREIGN KEY (org_id, meter_id) REFERENCES meter (org_id, meter_id);
ALTER TABLE account ADD CONSTRAINT account_tariff_fkey
    FOREIGN KEY (org_id, tariff_id) REFERENCES tariff (org_id, tariff_id);
ALTER TABLE card ADD CONSTRAINT card_account_fkey
    FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id);
ALTER TABLE adjustment ADD CONSTRAINT adjustment_account_fkey
    FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id);
ALTER TABLE adjustment ADD CONSTRAINT adjustment_operator_fkey
    FOREIGN KEY (org_id, operator_id) REFERENCES operator (org_id, operator_id);
ALTER TABLE sale ADD CONSTRAINT sale_account_fkey
    FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id);
ALTER TABLE sale_outcome ADD CONSTRAINT sale_outcome_sale_fkey
    FOREIGN KEY (org_id, sale_id) REFERENCES sale (org_id, sale_id);
ALTER TABLE document_print ADD CONSTRAINT document_print_sale_fkey
    FOREIGN KEY (org_id, sale_id) REFERENCES sale_outcome (org_id, sale_id);
ALTER TABLE card_read ADD CONSTRAINT card_read_account_fkey
    FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id);
