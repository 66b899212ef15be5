CREATE TABLE counters (name VARCHAR(20) NOT NULL PRIMARY KEY, value BIGINT NOT NULL);
INSERT INTO counters (name, value) VALUES ('visits', 0);
