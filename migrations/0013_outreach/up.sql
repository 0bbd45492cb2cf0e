-- Chains: the ordered steps by which an offline buyer is reached, and by which overdue work climbs inside the team. `steps` is JSON.
CREATE TABLE chain (
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  id TEXT NOT NULL,
  code TEXT,
  name_zh TEXT NOT NULL,
  name_en TEXT NOT NULL,
  whom TEXT NOT NULL,
  steps TEXT NOT NULL,
  enabled BOOLEAN NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
-- Why a buyer is reached, by which chain, and in which words (`scene`: script of a call).
CREATE TABLE outreach_reason (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  code TEXT,
  name_zh TEXT NOT NULL,
  name_en TEXT NOT NULL,
  chain_id TEXT NOT NULL,
  scene TEXT NOT NULL,
  is_reminder BOOLEAN NOT NULL,
  archived BOOLEAN NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, chain_id) REFERENCES chain (workspace_id, id)
);
-- When buyers may be reached: one row for every shop without its own, and one for each shop that has. `hours` is JSON by channel.
CREATE TABLE outreach_hours (
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  id TEXT NOT NULL,
  shop_id TEXT,
  hours TEXT NOT NULL,
  decide_hours INTEGER NOT NULL,
  return_days INTEGER NOT NULL,
  open_from TEXT NOT NULL,
  open_until TEXT NOT NULL,
  working_days_only BOOLEAN NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
-- Words of a mail that a workspace changed; all others are those shipped with the program.
CREATE TABLE outreach_template (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  reason_id TEXT NOT NULL,
  locale TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, reason_id) REFERENCES outreach_reason (workspace_id, id)
);
-- A buyer who is being reached. `steps`: the chain as it was when the case began. Instants in UTC ms; `next_at` is when something
-- happens by itself; `turn`, counted with every move, is what a job expects, so that it moves once.
CREATE TABLE outreach_case (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  team_id TEXT NOT NULL,
  shop_id TEXT,
  customer_id TEXT NOT NULL,
  reason_id TEXT NOT NULL,
  about TEXT NOT NULL,
  order_number TEXT NOT NULL,
  chain_id TEXT NOT NULL,
  steps TEXT NOT NULL,
  step INTEGER NOT NULL,
  channel TEXT,
  state TEXT NOT NULL,
  phase TEXT NOT NULL,
  turn INTEGER NOT NULL,
  next_at BIGINT,
  left_ms BIGINT,
  callback_id TEXT,
  mail_id TEXT,
  thread TEXT,
  attempts INTEGER NOT NULL,
  attempts_on_day INTEGER NOT NULL,
  day TEXT NOT NULL,
  decide_at BIGINT,
  return_by BIGINT,
  locale TEXT NOT NULL,
  created_by TEXT,
  created_at BIGINT NOT NULL,
  closed_at BIGINT,
  outcome TEXT NOT NULL,
  archived BOOLEAN NOT NULL,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, customer_id) REFERENCES customer (workspace_id, id)
);
CREATE INDEX outreach_case_by_next ON outreach_case (workspace_id, next_at);
CREATE INDEX outreach_case_by_customer ON outreach_case (workspace_id, customer_id, archived);
CREATE INDEX outreach_case_by_state ON outreach_case (workspace_id, archived, state, phase, id);
CREATE INDEX outreach_case_by_age ON outreach_case (workspace_id, archived, closed_at);
CREATE INDEX outreach_case_by_decision ON outreach_case (workspace_id, state, decide_at);
-- Every try of a case, in order; also what the system did and what the buyer answered.
CREATE TABLE outreach_attempt (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  case_id TEXT NOT NULL,
  step INTEGER NOT NULL,
  channel TEXT NOT NULL,
  result TEXT NOT NULL,
  author_id TEXT,
  minutes INTEGER,
  note TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id),
  FOREIGN KEY (workspace_id, case_id) REFERENCES outreach_case (workspace_id, id)
);
CREATE INDEX outreach_attempt_by_case ON outreach_attempt (workspace_id, case_id, at);
CREATE INDEX outreach_attempt_by_time ON outreach_attempt (workspace_id, at);
-- The shop's providers of text messages and voice robots: requests are signed with `secret`.
CREATE TABLE outreach_hook (
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  id TEXT NOT NULL,
  url TEXT NOT NULL,
  secret TEXT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
-- How far an overdue box of the board has climbed inside the team.
CREATE TABLE overdue_box (
  workspace_id TEXT NOT NULL,
  box_id TEXT NOT NULL,
  level TEXT NOT NULL,
  since BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, box_id)
);
-- Mails to this address come back.
ALTER TABLE customer ADD COLUMN bad_email BOOLEAN NOT NULL DEFAULT FALSE;
-- A case of this buyer is on phones, and so is the card.
ALTER TABLE customer ADD COLUMN in_case BOOLEAN NOT NULL DEFAULT FALSE;
