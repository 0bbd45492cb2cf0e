ALTER TABLE contact DROP COLUMN campaign_id;
DROP TABLE campaign;
