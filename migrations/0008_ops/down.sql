DROP TABLE chore;
