DROP TABLE push_subscription;
DROP TABLE robot;
DROP TABLE notice;
