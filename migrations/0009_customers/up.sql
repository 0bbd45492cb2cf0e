-- Buyers. A card is published to phones only while somebody has something to do with it; `needed_by` (JSON list of people) says
-- who may read phone, mail and address without asking, because they are to reach the buyer. `merged_into`: the card that stands
-- for this one. `stamp`: the workspace's version that last wrote it, so that what is kept in memory can follow.
CREATE TABLE customer (
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  id TEXT NOT NULL,
  team_id TEXT NOT NULL,
  shop_id TEXT,
  nick TEXT NOT NULL,
  name TEXT NOT NULL,
  phone TEXT NOT NULL,
  email TEXT NOT NULL,
  address TEXT NOT NULL,
  messengers TEXT NOT NULL,
  tags TEXT NOT NULL,
  tier TEXT NOT NULL,
  likes TEXT NOT NULL,
  sizes TEXT NOT NULL,
  notes TEXT NOT NULL,
  special_days TEXT NOT NULL,
  blocked TEXT NOT NULL,
  owner_id TEXT,
  ideal_days INTEGER,
  longest_days INTEGER,
  last_contact_at BIGINT,
  needed_by TEXT NOT NULL,
  wrong_number BOOLEAN NOT NULL,
  merged_into TEXT,
  created_at BIGINT NOT NULL,
  stamp BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, team_id) REFERENCES team (workspace_id, id)
);
CREATE INDEX customer_by_tier ON customer (workspace_id, team_id, tier);
CREATE INDEX customer_by_merged ON customer (workspace_id, merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX customer_by_stamp ON customer (workspace_id, stamp);
-- A promise to come back to a buyer, or a call that is due to a VIP. Instants in UTC ms; `due_at..until_at` is when to call.
CREATE TABLE callback (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  team_id TEXT NOT NULL,
  owner_id TEXT,
  kind TEXT NOT NULL,
  channel TEXT NOT NULL,
  scene TEXT NOT NULL,
  about TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  day TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  attempts_on_day INTEGER NOT NULL,
  level TEXT NOT NULL,
  next_level_at BIGINT,
  result TEXT,
  by_hand BOOLEAN NOT NULL,
  created_by TEXT,
  created_at BIGINT NOT NULL,
  closed_at BIGINT,
  archived BOOLEAN NOT NULL,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, customer_id) REFERENCES customer (workspace_id, id)
);
CREATE INDEX callback_by_customer ON callback (workspace_id, customer_id);
CREATE INDEX callback_by_level ON callback (workspace_id, next_level_at);
CREATE INDEX callback_by_state ON callback (workspace_id, state, team_id);
-- Every contact with a buyer, in whichever direction. `is_real` when the buyer was in fact reached: that restarts the VIP clock.
CREATE TABLE contact (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  callback_id TEXT,
  author_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  result TEXT NOT NULL,
  is_real BOOLEAN NOT NULL,
  minutes INTEGER,
  note TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, customer_id) REFERENCES customer (workspace_id, id)
);
CREATE INDEX contact_by_customer ON contact (workspace_id, customer_id, at);
-- How often the buyers of a tier are called: the wished and the longest gap between two real contacts, in days.
CREATE TABLE care_policy (
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  id TEXT NOT NULL,
  name_zh TEXT NOT NULL,
  name_en TEXT NOT NULL,
  ideal_days INTEGER NOT NULL,
  longest_days INTEGER NOT NULL,
  enabled BOOLEAN NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
-- The business day a team's care calls were last planned on by the nightly work.
CREATE TABLE care_night (
  workspace_id TEXT NOT NULL,
  team_id TEXT NOT NULL,
  day TEXT NOT NULL,
  PRIMARY KEY (workspace_id, team_id),
  FOREIGN KEY (workspace_id, team_id) REFERENCES team (workspace_id, id)
);
-- Orders of buyers as the shop's own exports tell them. `raw` is the row of the file: a JSON object of its filled columns.
CREATE TABLE customer_order (
  workspace_id TEXT NOT NULL,
  number TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  state TEXT NOT NULL,
  title TEXT NOT NULL,
  cents BIGINT,
  ordered_at BIGINT,
  paid_at BIGINT,
  raw TEXT NOT NULL,
  stamp BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, number),
  FOREIGN KEY (workspace_id, customer_id) REFERENCES customer (workspace_id, id)
);
CREATE INDEX customer_order_by_customer ON customer_order (workspace_id, customer_id);
CREATE INDEX customer_order_by_stamp ON customer_order (workspace_id, stamp);
-- Photos and documents on a buyer's card; their bytes are blobs.
CREATE TABLE customer_file (
  workspace_id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  name TEXT NOT NULL,
  mime TEXT NOT NULL,
  size BIGINT NOT NULL,
  author_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, customer_id, sha256),
  FOREIGN KEY (workspace_id, customer_id) REFERENCES customer (workspace_id, id)
);
-- Two cards of which somebody said that they are different people; `one_id` < `other_id`.
CREATE TABLE customer_apart (
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  one_id TEXT NOT NULL,
  other_id TEXT NOT NULL,
  PRIMARY KEY (workspace_id, one_id, other_id)
);
-- How many months a buyer is kept of whom nothing is heard; none: for ever.
CREATE TABLE customer_keep (
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  id TEXT NOT NULL,
  months INTEGER,
  PRIMARY KEY (workspace_id, id)
);
-- Buyers that were erased: what was deleted, and that nothing was found afterwards. Holds nothing personal.
CREATE TABLE erasure (
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  id TEXT NOT NULL,
  team_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  why TEXT NOT NULL,
  reason TEXT NOT NULL,
  by_id TEXT,
  contacts INTEGER NOT NULL,
  callbacks INTEGER NOT NULL,
  orders INTEGER NOT NULL,
  files INTEGER NOT NULL,
  proved BOOLEAN NOT NULL,
  stamp BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX erasure_by_stamp ON erasure (workspace_id, stamp);
