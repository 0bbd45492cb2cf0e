CREATE TABLE job (
  id TEXT NOT NULL PRIMARY KEY,
  workspace_id TEXT NOT NULL REFERENCES sync_workspace (id),
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  dedupe TEXT,
  state TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  attempts INTEGER NOT NULL,
  leased_by TEXT,
  leased_until BIGINT NOT NULL,
  last_error TEXT,
  created_at BIGINT NOT NULL
);
CREATE INDEX job_by_due ON job (state, due_at);
CREATE UNIQUE INDEX job_by_dedupe ON job (workspace_id, dedupe);
CREATE TABLE mail (
  workspace_id TEXT NOT NULL REFERENCES sync_workspace (id),
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  person_id TEXT NOT NULL,
  to_address TEXT NOT NULL,
  to_name TEXT NOT NULL,
  locale TEXT NOT NULL,
  vars TEXT NOT NULL,
  message_id TEXT NOT NULL,
  state TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  sent_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);
