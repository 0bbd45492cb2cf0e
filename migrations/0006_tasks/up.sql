CREATE TABLE pack (
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  id TEXT NOT NULL,
  team_id TEXT NOT NULL,
  code TEXT NOT NULL,
  enabled BOOLEAN NOT NULL,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, team_id) REFERENCES team (workspace_id, id)
);
CREATE UNIQUE INDEX pack_by_code ON pack (workspace_id, team_id, code);
-- Which business days of a team have a board. A day ahead is only drafted; it is turned (the days before it closed) when it
-- begins, or made up for after down time.
CREATE TABLE board_day (
  workspace_id TEXT NOT NULL,
  team_id TEXT NOT NULL,
  day TEXT NOT NULL,
  turned BOOLEAN NOT NULL,
  made_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, team_id, day),
  FOREIGN KEY (workspace_id, team_id) REFERENCES team (workspace_id, id)
);
CREATE TABLE board_box (
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  id TEXT NOT NULL,
  team_id TEXT NOT NULL,
  day TEXT NOT NULL,
  origin TEXT NOT NULL,
  pack_code TEXT,
  task_code TEXT,
  series TEXT,
  slot TEXT,
  title_zh TEXT NOT NULL,
  title_en TEXT NOT NULL,
  skill_code TEXT,
  kind TEXT NOT NULL,
  start_at BIGINT,
  end_at BIGINT,
  due_at BIGINT,
  cutoff BOOLEAN NOT NULL,
  quadrant TEXT NOT NULL,
  catch_up TEXT NOT NULL,
  state TEXT NOT NULL,
  assignee_id TEXT,
  former_ids TEXT NOT NULL,
  by_hand BOOLEAN NOT NULL,
  checklist TEXT NOT NULL,
  started_at BIGINT,
  started_by TEXT,
  finished_at BIGINT,
  finished_by TEXT,
  late BOOLEAN NOT NULL,
  skip_reason TEXT,
  carried_from TEXT,
  created_by TEXT,
  archived BOOLEAN NOT NULL,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, team_id) REFERENCES team (workspace_id, id),
  FOREIGN KEY (workspace_id, assignee_id) REFERENCES person (workspace_id, id)
);
CREATE INDEX box_by_day ON board_box (workspace_id, team_id, day);
CREATE INDEX box_by_state ON board_box (workspace_id, team_id, state);
CREATE TABLE box_note (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  box_id TEXT NOT NULL,
  author_id TEXT NOT NULL,
  text TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, box_id) REFERENCES board_box (workspace_id, id)
);
CREATE INDEX box_note_by_box ON box_note (workspace_id, box_id);
-- Who was told about which day: "your day tomorrow" goes out once.
CREATE TABLE tomorrow_mail (
  workspace_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  day TEXT NOT NULL,
  PRIMARY KEY (workspace_id, person_id, day),
  FOREIGN KEY (workspace_id, person_id) REFERENCES person (workspace_id, id)
);
