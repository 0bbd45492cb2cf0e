DROP INDEX job_by_lane;
ALTER TABLE job DROP COLUMN outside;
