-- The number of the oldest migration whose server may still write here. A migration that an older server could damage raises
-- it; one that only adds does not, so that an old and a new server can run side by side during an upgrade.
CREATE TABLE schema_guard (
  id INTEGER NOT NULL PRIMARY KEY,
  oldest_writer BIGINT NOT NULL
);
INSERT INTO schema_guard (id, oldest_writer) VALUES (1, 7);
