-- A version of a reader's driver that one workstation uses instead of the organisation's: a new version is tried at one
-- counter before it is everybody's.
CREATE TABLE workstation_driver (
    org_id         UUID NOT NULL,
    workstation_id UUID NOT NULL,
    driver_id      TEXT NOT NULL,
    driver_version TEXT NOT NULL,
    PRIMARY KEY (org_id, workstation_id, driver_id),
    CONSTRAINT workstation_driver_workstation_fkey
        FOREIGN KEY (org_id, workstation_id) REFERENCES workstation (org_id, workstation_id)
);
SELECT dianka_tenant_table('workstation_driver', 'SELECT, INSERT, UPDATE, DELETE');
