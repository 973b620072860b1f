DROP TABLE adjustment;
DROP TABLE card;
DROP TABLE account;
DROP TABLE meter;
