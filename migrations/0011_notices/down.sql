-- What phones were shown of these rows goes with them.
DELETE FROM sync_member WHERE key LIKE 'notice/%' OR key LIKE 'robot/%';
DELETE FROM sync_entry WHERE key LIKE 'notice/%' OR key LIKE 'robot/%';
DROP TABLE push_subscription;
DROP TABLE robot;
DROP TABLE notice;
