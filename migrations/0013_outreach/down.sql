ALTER TABLE customer DROP COLUMN bad_email;
DROP TABLE overdue_box;
DROP TABLE outreach_hook;
DROP TABLE outreach_attempt;
DROP TABLE outreach_case;
DROP TABLE outreach_template;
DROP TABLE outreach_hours;
DROP TABLE outreach_reason;
DROP TABLE chain;
