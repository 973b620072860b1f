DROP TABLE refresh_token;
DROP TABLE operator;
DROP TABLE workstation_counter;
DROP TABLE workstation;
DROP TABLE site;
