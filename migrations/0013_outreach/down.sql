-- What phones were shown of these rows goes with them.
DELETE FROM sync_member WHERE key LIKE 'chain/%' OR key LIKE 'outreach%/%';
DELETE FROM sync_entry WHERE key LIKE 'chain/%' OR key LIKE 'outreach%/%';
ALTER TABLE customer DROP COLUMN in_case;
ALTER TABLE customer DROP COLUMN bad_email;
DROP TABLE overdue_box;
DROP TABLE outreach_hook;
DROP TABLE outreach_attempt;
DROP TABLE outreach_case;
DROP TABLE outreach_template;
DROP TABLE outreach_hours;
DROP TABLE outreach_reason;
DROP TABLE chain;
