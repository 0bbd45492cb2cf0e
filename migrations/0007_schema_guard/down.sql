DROP TABLE schema_guard;
