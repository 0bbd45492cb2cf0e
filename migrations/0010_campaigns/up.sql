-- Greetings on an occasion: between two business days, the buyers of a care tier and with a tag ("" for all) are written to, one by
-- one. Who was greeted is told by the contacts.
CREATE TABLE campaign (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  team_id TEXT NOT NULL,
  name TEXT NOT NULL,
  from_day TEXT NOT NULL,
  until_day TEXT NOT NULL,
  tier TEXT NOT NULL,
  tag TEXT NOT NULL,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, team_id) REFERENCES team (workspace_id, id)
);
ALTER TABLE contact ADD COLUMN campaign_id TEXT;
