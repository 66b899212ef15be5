// The API of the comments application, as far as the scripts of this folder use it.

import http from 'k6/http';
import { fail } from 'k6';
import { text } from './settings.js';

const BASE = text('COMMENTS_URL', 'http://localhost:3000').replace(/\/+$/, '');
const JSON_TYPE = { 'Content-Type': 'application/json' };
const DONE = http.expectedStatuses({ min: 200, max: 299 });
const DONE_OR_GONE = http.expectedStatuses({ min: 200, max: 299 }, 404);
const REFUSED = http.expectedStatuses(403);

// Names instead of addresses in the metrics: else each id would be a time series of its own.
function call(method, path, name, body, expected) {
  const params = { headers: JSON_TYPE, tags: { name: `${method} ${name}` }, responseCallback: expected };
  return http.request(method, BASE + path, body === null ? null : JSON.stringify(body), params);
}

export const done = (response) => response.status >= 200 && response.status < 300;
export const gone = (response) => response.status === 404;
export const refused = (response) => response.status === 403;

export const readPost = (id) => call('GET', `/posts/${id}`, '/posts/{id}', null, DONE);
export const readUser = (id) => call('GET', `/users/${id}`, '/users/{id}', null, DONE);
export const readComment = (id) => call('GET', `/comments/${id}`, '/comments/{id}', null, DONE);
export const changeUser = (id, change) => call('PUT', `/users/${id}`, '/users/{id}', change, DONE);
export const changeComment = (id, change) => call('PUT', `/comments/${id}`, '/comments/{id}', change, DONE);
export const deleteComment = (id) => call('DELETE', `/comments/${id}`, '/comments/{id}', null, DONE);

// A page of the comments of a post. `more` is 0 for the first page, then what the page before gave.
export function readComments(post, count, more) {
  const path = `/posts/${post}/comments?count=${count}&more=${encodeURIComponent(more)}`;
  return call('GET', path, '/posts/{id}/comments', null, DONE);
}

// Whether `paginationInfo.more` of a page names another one.
export const isLast = (more) => more === null || more === undefined || more === '' || Number(more) < 0;

// A comment on a post; with `replyTo`, an answer to another one, which its writer may have deleted meanwhile.
export function writeComment(post, user, content, replyTo = null) {
  return call('POST', '/comments/', '/comments/', { post, user, content, replyTo }, replyTo === null ? DONE : DONE_OR_GONE);
}

export const writeSpam = (post, user, content) =>
  call('POST', '/comments/', '/comments/', { post, user, content, replyTo: null }, REFUSED);

// The ids of things of a kind (`users`, `posts`), of which those that are missing are made. For setup().
export function idsOf(kind, things) {
  return things.map((thing) => {
    let response = call('GET', `/${kind}/${thing.id}`, `/${kind}/{id}`, null, DONE_OR_GONE);
    if (gone(response)) {
      response = call('POST', `/${kind}/`, `/${kind}/`, thing, DONE);
    }
    if (!done(response)) {
      const why = response.error || `status ${response.status}`;
      fail(`cannot make ${kind} at ${BASE}: ${why}. Is COMMENTS_URL the address of the comments application?`);
    }
    return response.json().id;
  });
}

export const oneOf = (list) => list[Math.floor(Math.random() * list.length)];
