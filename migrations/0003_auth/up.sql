CREATE TABLE credential (
  workspace_id TEXT NOT NULL REFERENCES sync_workspace (id),
  person_id TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  PRIMARY KEY (workspace_id, person_id)
);
CREATE TABLE device (
  id TEXT NOT NULL PRIMARY KEY,
  workspace_id TEXT NOT NULL REFERENCES sync_workspace (id),
  person_id TEXT NOT NULL,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  revoked_at BIGINT
);
CREATE INDEX device_by_person ON device (workspace_id, person_id);
-- Only the hash of a token is stored. A token stays good until its successor has been used once (a lost reply on a bad
-- network must not sign the phone out); after that, showing it again revokes the device.
CREATE TABLE refresh_token (
  hash TEXT NOT NULL PRIMARY KEY,
  device_id TEXT NOT NULL REFERENCES device (id),
  parent TEXT,
  state TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX refresh_token_by_device ON refresh_token (device_id);
CREATE TABLE one_time_link (
  hash TEXT NOT NULL PRIMARY KEY,
  purpose TEXT NOT NULL,
  workspace_id TEXT,
  person_id TEXT,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE INDEX one_time_link_by_person ON one_time_link (workspace_id, person_id);
