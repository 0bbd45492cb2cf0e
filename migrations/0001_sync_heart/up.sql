-- One row per workspace: the counter that every write locks first (sync_protocol 2.2, 4.2).
CREATE TABLE sync_workspace (
  id TEXT NOT NULL PRIMARY KEY,
  epoch BIGINT NOT NULL,
  version BIGINT NOT NULL,
  floor BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
-- Hourly samples that map an instant to a version.
CREATE TABLE sync_clock (
  workspace_id TEXT NOT NULL REFERENCES sync_workspace (id),
  version BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, version)
);
CREATE TABLE sync_group (
  workspace_id TEXT NOT NULL REFERENCES sync_workspace (id),
  id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE TABLE sync_client (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  group_id TEXT NOT NULL,
  lmid BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, group_id) REFERENCES sync_group (workspace_id, id)
);
CREATE INDEX sync_client_by_group ON sync_client (workspace_id, group_id, seq);
-- The wire value of every live row, ready to send.
CREATE TABLE sync_entry (
  workspace_id TEXT NOT NULL REFERENCES sync_workspace (id),
  key TEXT NOT NULL,
  kind TEXT NOT NULL,
  ver BIGINT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (workspace_id, key)
);
-- One row per (audience, key), updated in place; present = false is a tombstone.
CREATE TABLE sync_member (
  workspace_id TEXT NOT NULL REFERENCES sync_workspace (id),
  bucket TEXT NOT NULL,
  key TEXT NOT NULL,
  seq BIGINT NOT NULL,
  present BOOLEAN NOT NULL,
  PRIMARY KEY (workspace_id, bucket, key)
);
CREATE INDEX sync_member_by_seq ON sync_member (workspace_id, bucket, seq);
CREATE TABLE mutation_log (
  workspace_id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  id BIGINT NOT NULL,
  uid TEXT,
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  args TEXT,
  schema_version TEXT NOT NULL,
  outcome TEXT NOT NULL,
  code TEXT,
  message TEXT,
  version BIGINT NOT NULL,
  claimed_at BIGINT,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, client_id, id),
  FOREIGN KEY (workspace_id, client_id) REFERENCES sync_client (workspace_id, id)
);
CREATE UNIQUE INDEX mutation_log_by_uid ON mutation_log (workspace_id, uid);
-- How often a mutation has made the server panic; kept outside the push transaction so that it survives the rollback.
CREATE TABLE mutation_fault (
  workspace_id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  id BIGINT NOT NULL,
  attempts INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, client_id, id)
);
CREATE TABLE reject (
  workspace_id TEXT NOT NULL REFERENCES sync_workspace (id),
  id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  team_id TEXT NOT NULL,
  name TEXT NOT NULL,
  args TEXT NOT NULL,
  code TEXT NOT NULL,
  at BIGINT NOT NULL,
  handed BOOLEAN NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
-- REST receipts: the same Idempotency-Key is answered with the stored result.
CREATE TABLE receipt (
  workspace_id TEXT NOT NULL REFERENCES sync_workspace (id),
  user_id TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  digest TEXT NOT NULL,
  version BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, user_id, idempotency_key)
);
CREATE TABLE audit (
  workspace_id TEXT NOT NULL REFERENCES sync_workspace (id),
  id TEXT NOT NULL,
  version BIGINT NOT NULL,
  at BIGINT NOT NULL,
  actor_id TEXT,
  device_id TEXT,
  via TEXT NOT NULL,
  command TEXT NOT NULL,
  entity TEXT NOT NULL,
  before_body TEXT,
  after_body TEXT,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX audit_by_entity ON audit (workspace_id, entity, version);
CREATE TABLE blob (
  workspace_id TEXT NOT NULL REFERENCES sync_workspace (id),
  sha256 TEXT NOT NULL,
  size BIGINT NOT NULL,
  mime TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  bytes BYTEA NOT NULL,
  PRIMARY KEY (workspace_id, sha256)
);
CREATE TABLE blob_ref (
  workspace_id TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  key TEXT NOT NULL,
  PRIMARY KEY (workspace_id, sha256, key)
);
