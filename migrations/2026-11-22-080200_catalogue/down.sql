DROP TABLE driver_activation;
DROP TABLE tariff_version;
DROP TABLE tariff;
DROP TABLE meter_type;
DROP TABLE area_closure;
DROP TABLE area;
