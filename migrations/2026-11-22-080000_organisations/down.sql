DROP TABLE installed_file;
DROP TABLE job_lock;
DROP TABLE number_counter;
DROP TABLE org_directory;
DROP TABLE org;
DROP FUNCTION dianka_tenant_table(REGCLASS, TEXT);
