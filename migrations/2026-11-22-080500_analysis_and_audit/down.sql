DROP TABLE audit;
DROP TABLE rollup_month;
DROP TABLE rollup_day;
DROP TABLE rollup_delta;
