DROP TABLE workstation_driver;
