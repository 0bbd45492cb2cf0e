CREATE TABLE shift_type (
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  id TEXT NOT NULL,
  letter TEXT NOT NULL,
  name_zh TEXT NOT NULL,
  name_en TEXT NOT NULL,
  start TEXT NOT NULL,
  length_min INTEGER NOT NULL,
  arrive_early_min INTEGER NOT NULL,
  skill_code TEXT NOT NULL,
  hue INTEGER NOT NULL,
  archived BOOLEAN NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
-- A shift copies what its type said when it was assigned: editing a type never alters past weeks.
CREATE TABLE assignment (
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  id TEXT NOT NULL,
  team_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  day TEXT NOT NULL,
  shift_type_id TEXT NOT NULL,
  start TEXT NOT NULL,
  length_min INTEGER NOT NULL,
  arrive_early_min INTEGER NOT NULL,
  zone TEXT NOT NULL,
  skill_code TEXT NOT NULL,
  letter TEXT NOT NULL,
  name_zh TEXT NOT NULL,
  name_en TEXT NOT NULL,
  shop_id TEXT,
  seat_id TEXT,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  archived BOOLEAN NOT NULL,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, team_id) REFERENCES team (workspace_id, id),
  FOREIGN KEY (workspace_id, person_id) REFERENCES person (workspace_id, id),
  FOREIGN KEY (workspace_id, shift_type_id) REFERENCES shift_type (workspace_id, id),
  FOREIGN KEY (workspace_id, shop_id) REFERENCES shop (workspace_id, id),
  FOREIGN KEY (workspace_id, seat_id) REFERENCES seat (workspace_id, id)
);
CREATE INDEX assignment_by_day ON assignment (workspace_id, day);
CREATE INDEX assignment_by_person ON assignment (workspace_id, person_id, day);
