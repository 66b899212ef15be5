// People who read posts and their comments, and sometimes take part. See README.md for the settings.

import { check, group, sleep } from 'k6';
import { SharedArray } from 'k6/data';
import { Counter } from 'k6/metrics';
import * as api from './lib/comments.js';
import { count, number, share, text } from './lib/settings.js';

const users = new SharedArray('users', () => JSON.parse(open('./data/users.json')));
const posts = new SharedArray('posts', () => JSON.parse(open('./data/posts.json')));
const remarks = new SharedArray('remarks', () => JSON.parse(open('./data/comments.json')));

const USERS = count('JOURNEY_USERS', 20);
const POSTS = count('JOURNEY_POSTS', 10);
const PAGE_SIZE = count('JOURNEY_PAGE_SIZE', 5);
const PAGES = count('JOURNEY_PAGES', 4);
const THINK_SECONDS = number('JOURNEY_THINK_SECONDS', 1);
const COMMENT = share('JOURNEY_COMMENT_SHARE', 0.4);
const REPLY = share('JOURNEY_REPLY_SHARE', 0.5);
const EDIT = share('JOURNEY_EDIT_SHARE', 0.2);
const DELETE = share('JOURNEY_DELETE_SHARE', 0.2);
const RENAME = share('JOURNEY_RENAME_SHARE', 0.05);

const pagesRead = new Counter('journey_pages_read');
const commentsWritten = new Counter('journey_comments_written');
const commentsDeleted = new Counter('journey_comments_deleted');

const MAX_FAILED = share('JOURNEY_MAX_FAILED', 0.01);

export const options = {
  vus: count('JOURNEY_VUS', 10),
  duration: text('JOURNEY_DURATION', '30s'),
  thresholds: {
    checks: [`rate>=${(1 - MAX_FAILED).toFixed(4)}`],
    http_req_failed: [`rate<=${MAX_FAILED.toFixed(4)}`],
    http_req_duration: [`p(95)<${number('JOURNEY_MAX_P95_MS', 1000)}`],
  },
};

export function setup() {
  return {
    users: api.idsOf('users', users.slice(0, USERS)),
    posts: api.idsOf('posts', posts.slice(0, POSTS)),
  };
}

export default function (made) {
  const who = Math.floor(Math.random() * made.users.length);
  const user = made.users[who];
  const post = api.oneOf(made.posts);

  group('arrive', () => arrive(user, users[who]));
  const seen = group('read', () => read(post));
  think();
  if (chance(COMMENT)) {
    group('take part', () => takePart(user, post, seen));
    think();
  }
}

function arrive(user, { handle, username }) {
  check(api.readUser(user), { 'user is known': api.done });
  if (chance(RENAME)) {
    check(api.changeUser(user, { handle, username: `${username} again` }), { 'user is changed': api.done });
  }
}

// Reads a post and some pages of its comments; gives one of them, if there are any.
function read(post) {
  check(api.readPost(post), { 'post is there': api.done });
  let more = 0;
  let seen = null;
  for (let page = 0; page < PAGES && !api.isLast(more); page += 1) {
    const response = api.readComments(post, PAGE_SIZE, more);
    if (!check(response, { 'comments are listed': api.done })) {
      return seen;
    }
    pagesRead.add(1);
    const { comments, paginationInfo } = response.json();
    seen = comments.length > 0 ? api.oneOf(comments) : seen;
    more = paginationInfo.more;
  }
  return seen;
}

function takePart(user, post, seen) {
  const own = write(user, post, null);
  if (seen !== null && chance(REPLY)) {
    write(user, post, seen.id);
  }
  if (own !== null && chance(EDIT)) {
    edit(own);
  }
  if (own !== null && chance(DELETE)) {
    remove(own);
  }
}

// Writes a comment or a reply; gives its id, or null when it was not taken.
function write(user, post, replyTo) {
  const response = api.writeComment(post, user, api.oneOf(remarks).content, replyTo);
  const name = replyTo === null ? 'comment is taken' : 'reply is taken, or its comment gone';
  check(response, { [name]: (r) => api.done(r) || (replyTo !== null && api.gone(r)) });
  if (!api.done(response)) {
    return null;
  }
  commentsWritten.add(1);
  return response.json().id;
}

function edit(id) {
  const { content } = api.oneOf(remarks);
  check(api.changeComment(id, { content }), { 'comment is changed': api.done });
  check(api.readComment(id), { 'change is shown': (r) => api.done(r) && r.json().content === content });
}

function remove(id) {
  if (check(api.deleteComment(id), { 'comment is deleted': api.done })) {
    commentsDeleted.add(1);
  }
}

const chance = (probability) => Math.random() < probability;

// Nobody waits equally long.
function think() {
  sleep(THINK_SECONDS * (0.5 + Math.random()));
}
