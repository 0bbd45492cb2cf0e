-- What somebody is told: their inbox, and by which ways it was sent. `batch` holds together what was told at once; `routes` is a
-- JSON list of ways and how far each came.
CREATE TABLE notice (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  batch TEXT NOT NULL,
  to_id TEXT NOT NULL,
  team_id TEXT NOT NULL,
  sender_id TEXT,
  kind TEXT NOT NULL,
  level TEXT NOT NULL,
  subject TEXT NOT NULL,
  text TEXT NOT NULL,
  link TEXT NOT NULL,
  at BIGINT NOT NULL,
  seen_at BIGINT,
  routes TEXT NOT NULL,
  archived BOOLEAN NOT NULL,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, to_id) REFERENCES person (workspace_id, id),
  FOREIGN KEY (workspace_id, team_id) REFERENCES team (workspace_id, id)
);
CREATE INDEX notice_by_batch ON notice (workspace_id, batch, id);
CREATE INDEX notice_by_at ON notice (workspace_id, at);
-- Robots of group chats. Address and secret never leave the server.
CREATE TABLE robot (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  team_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  secret TEXT NOT NULL,
  enabled BOOLEAN NOT NULL,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, team_id) REFERENCES team (workspace_id, id)
);
-- Browsers that take Web Push for a person. Whoever knows the endpoint can reach them: it never leaves the server.
CREATE TABLE push_subscription (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  p256dh TEXT NOT NULL,
  auth TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  failed_at BIGINT,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, person_id) REFERENCES person (workspace_id, id)
);
CREATE INDEX push_subscription_by_person ON push_subscription (workspace_id, person_id);
