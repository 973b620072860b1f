-- A station's journalled promise to run no ticket of a sale up to an epoch. A sale is voided only with one of every
-- station that ever had a ticket.
CREATE TABLE fence (
    org_id         UUID NOT NULL,
    sale_id        UUID NOT NULL,
    workstation_id UUID NOT NULL,
    up_to_epoch    INT4 NOT NULL,
    -- The newest ticket's epoch when the promise came: what was read before it proves nothing.
    newest_epoch   INT4 NOT NULL,
    at             TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (org_id, sale_id, workstation_id, up_to_epoch)
);
SELECT dianka_tenant_table('fence', 'SELECT, INSERT');
