-- Users, posts and their comments.
--
-- Each statement can be repeated: the api runs all files, in order, at each start, and several replicas may do so at once.
-- (MySQL commits each of these statements by itself, so a replica that dies half-way leaves nothing to clean up.)
--
-- No column counts up by itself: the api draws the ids that no client gave. So an insert that is repeated after a broken
-- connection meets its own row, and an id of 0 is an ordinary one.

CREATE TABLE IF NOT EXISTS users (
  id BIGINT NOT NULL PRIMARY KEY,
  handle VARCHAR(255) NOT NULL,
  username VARCHAR(255) NOT NULL,
  KEY users_by_handle (handle)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS posts (
  id BIGINT NOT NULL PRIMARY KEY,
  url VARCHAR(2048) NOT NULL,
  title VARCHAR(512) NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- thread: the first comment of the thread, its own id for that one. reply_to: may name a comment that is deleted by now.
-- author: may name a user that is deleted by now. created: milliseconds since 1970, UTC. checked: 1 when spamcheck judged it.
-- deleted: 1 for a comment that its writer removed; its row, without content, keeps the place of those who page through.
-- token: names the request that made it.
CREATE TABLE IF NOT EXISTS comments (
  id BIGINT NOT NULL PRIMARY KEY,
  post BIGINT NOT NULL,
  author BIGINT NOT NULL,
  thread BIGINT NOT NULL,
  reply_to BIGINT NULL,
  content TEXT NOT NULL,
  created BIGINT NOT NULL,
  checked TINYINT NOT NULL,
  deleted TINYINT NOT NULL DEFAULT 0,
  token VARCHAR(128) NOT NULL,
  KEY comments_by_post (post, thread, id),
  CONSTRAINT comments_by_token UNIQUE (token),
  CONSTRAINT comments_of_a_post FOREIGN KEY (post) REFERENCES posts (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
