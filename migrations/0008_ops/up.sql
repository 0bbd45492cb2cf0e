-- When each nightly work of a workspace was last done: the instant (ms) whose turn it was, so that a missed night is made up
-- once, on whichever process comes first.
CREATE TABLE chore (
  workspace_id TEXT NOT NULL REFERENCES sync_workspace (id),
  name TEXT NOT NULL,
  done_for BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, name)
);
