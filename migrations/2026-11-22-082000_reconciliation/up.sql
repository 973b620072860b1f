-- Reports of the reconciliation, as they were made: never changed, never removed.
CREATE TABLE reconciliation (
    org_id            UUID NOT NULL,
    reconciliation_id UUID NOT NULL,
    cause             TEXT NOT NULL CHECK (cause IN ('nightly', 'asked', 'command')),
    -- The night that it is for, by the organisation's calendar; NULL when a person asked for it.
    night             DATE,
    operator_id       UUID,
    -- Everything committed before is in it.
    snapshot_at       TIMESTAMPTZ NOT NULL,
    took_ms           INT8 NOT NULL CHECK (took_ms >= 0),
    holds             BOOL NOT NULL,
    invariants        INT4 NOT NULL,
    -- Invariants that are broken, and those that could not be checked.
    broken            INT4 NOT NULL,
    unknown           INT4 NOT NULL,
    report            JSONB NOT NULL,
    PRIMARY KEY (org_id, reconciliation_id),
    CONSTRAINT reconciliation_holds_check CHECK (holds = (broken = 0 AND unknown = 0)),
    CONSTRAINT reconciliation_night_key UNIQUE (org_id, night),
    CONSTRAINT reconciliation_org_fkey FOREIGN KEY (org_id) REFERENCES org (org_id),
    CONSTRAINT reconciliation_operator_fkey FOREIGN KEY (org_id, operator_id) REFERENCES operator (org_id, operator_id)
);
SELECT dianka_tenant_table('reconciliation', 'SELECT, INSERT');

-- What somebody has to look at. It stays until a person closes it with a reason.
CREATE TABLE alarm (
    org_id        UUID NOT NULL,
    alarm_id      UUID NOT NULL,
    kind          TEXT NOT NULL CHECK (kind = 'reconciliation'),
    -- The invariant.
    subject       TEXT NOT NULL CHECK (subject <> ''),
    -- The report that raised it, and the newest one that found it.
    first_report  UUID NOT NULL,
    last_report   UUID NOT NULL,
    -- Rows that break it, as the newest report found them, and the digest of what it says about them.
    found         INT8 NOT NULL,
    fingerprint   TEXT NOT NULL,
    opened_at     TIMESTAMPTZ NOT NULL,
    seen_at       TIMESTAMPTZ NOT NULL,
    closed_at     TIMESTAMPTZ,
    closed_by     UUID,
    reason        TEXT CHECK (reason <> ''),
    PRIMARY KEY (org_id, alarm_id),
    CONSTRAINT alarm_closed_check CHECK (num_nulls(closed_at, closed_by, reason) IN (0, 3)),
    CONSTRAINT alarm_first_report_fkey
        FOREIGN KEY (org_id, first_report) REFERENCES reconciliation (org_id, reconciliation_id),
    CONSTRAINT alarm_last_report_fkey
        FOREIGN KEY (org_id, last_report) REFERENCES reconciliation (org_id, reconciliation_id),
    CONSTRAINT alarm_closed_by_fkey FOREIGN KEY (org_id, closed_by) REFERENCES operator (org_id, operator_id)
);
-- One open alarm per subject.
CREATE UNIQUE INDEX alarm_open_key ON alarm (org_id, kind, subject) WHERE closed_at IS NULL;
CREATE INDEX alarm_subject_idx ON alarm (org_id, kind, subject, alarm_id);
SELECT dianka_tenant_table('alarm', 'SELECT, INSERT, UPDATE');
