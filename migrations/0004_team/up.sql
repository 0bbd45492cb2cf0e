CREATE TABLE workspace (
  id TEXT NOT NULL PRIMARY KEY REFERENCES sync_workspace (id),
  name TEXT NOT NULL,
  zone TEXT NOT NULL,
  locale TEXT NOT NULL,
  view_hours INTEGER NOT NULL
);
CREATE TABLE team (
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  archived BOOLEAN NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE TABLE shop (
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  platform TEXT NOT NULL,
  archived BOOLEAN NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE TABLE skill (
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  id TEXT NOT NULL,
  code TEXT NOT NULL,
  name_zh TEXT NOT NULL,
  name_en TEXT NOT NULL,
  archived BOOLEAN NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE TABLE seat (
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  shop_id TEXT,
  archived BOOLEAN NOT NULL,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, shop_id) REFERENCES shop (workspace_id, id)
);
CREATE TABLE person (
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  team_id TEXT NOT NULL,
  skill_ids TEXT NOT NULL,
  active BOOLEAN NOT NULL,
  login TEXT NOT NULL,
  email TEXT,
  locale TEXT NOT NULL,
  tomorrow_mail_at TEXT,
  invited BOOLEAN NOT NULL,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, team_id) REFERENCES team (workspace_id, id)
);
-- Sign-in needs no workspace name, so a login is unique on the whole server.
CREATE UNIQUE INDEX person_by_login ON person (login);
