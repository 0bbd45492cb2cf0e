-- Mails to buyers. `domain` is the recipient's, `held_until` (ms) when the hours for it begin, `taken_at` (ms) when it last took a
-- place among the mails of a minute; all of them are empty for mails to people of the workspace.
ALTER TABLE mail ADD COLUMN customer_id TEXT;
ALTER TABLE mail ADD COLUMN domain TEXT;
ALTER TABLE mail ADD COLUMN held_until BIGINT;
ALTER TABLE mail ADD COLUMN taken_at BIGINT;
CREATE INDEX mail_by_customer ON mail (workspace_id, customer_id);
CREATE INDEX mail_by_message ON mail (message_id);
CREATE INDEX mail_by_state ON mail (state, created_at);
CREATE INDEX mail_by_domain ON mail (domain, state, created_at);
CREATE INDEX mail_by_taken ON mail (taken_at);
CREATE INDEX mail_by_domain_taken ON mail (domain, taken_at);
-- Its only row is what servers hold while they count the mails of a minute.
CREATE TABLE mail_pace (
  id INTEGER NOT NULL PRIMARY KEY,
  at BIGINT NOT NULL
);
INSERT INTO mail_pace (id, at) VALUES (1, 0);
-- Answers of buyers that were taken; `digest` names one however often it arrives.
CREATE TABLE mail_reply (
  workspace_id TEXT NOT NULL,
  mail_id TEXT NOT NULL,
  digest TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, mail_id, digest),
  FOREIGN KEY (workspace_id, mail_id) REFERENCES mail (workspace_id, id)
);
