DROP TABLE document_print;
DROP TABLE card_read;
DROP TABLE transfer;
DROP TABLE sale_outcome;
DROP TABLE ticket;
DROP TABLE sale_open;
DROP TABLE card_op;
DROP TABLE sale;
