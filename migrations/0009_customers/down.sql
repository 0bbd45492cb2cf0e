DROP TABLE customer_order;
DROP TABLE care_night;
DROP TABLE care_policy;
DROP TABLE contact;
DROP TABLE callback;
DROP TABLE customer;
