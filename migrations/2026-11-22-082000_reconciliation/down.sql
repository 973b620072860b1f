DROP TABLE alarm;
DROP TABLE reconciliation;
