DROP TABLE assignment;
DROP TABLE shift_type;
