-- Jobs that wait for others have runners of their own: each finds its next one without a walk through what the others wait for.
ALTER TABLE job ADD COLUMN outside BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE job SET outside = TRUE WHERE kind IN ('mail.send', 'outreach.hook', 'notice.deliver', 'backup.make');
CREATE INDEX job_by_lane ON job (state, outside, due_at, id);
