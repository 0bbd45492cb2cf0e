DROP TABLE one_time_link;
DROP TABLE refresh_token;
DROP TABLE device;
DROP TABLE credential;
