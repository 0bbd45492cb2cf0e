DROP TABLE person;
DROP TABLE seat;
DROP TABLE skill;
DROP TABLE shop;
DROP TABLE team;
DROP TABLE workspace;
