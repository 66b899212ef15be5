// Spam comments at a fixed rate. Each must be refused with 403. See README.md for the settings.

import http from 'k6/http';
import { check } from 'k6';
import { SharedArray } from 'k6/data';
import { Counter } from 'k6/metrics';
import { scenario } from 'k6/execution';
import * as api from './lib/comments.js';
import { count, number, share, text } from './lib/settings.js';

const users = new SharedArray('users', () => JSON.parse(open('./data/users.json')));
const posts = new SharedArray('posts', () => JSON.parse(open('./data/posts.json')));
const spam = new SharedArray('spam', () => JSON.parse(open('./data/spam.json')));

const BATCH = count('SPAM_BATCH', 1);
const refusals = new Counter('spam_refused');

// A refusal is what we want: it is no failed request.
http.setResponseCallback(http.expectedStatuses(403));

const MAX_FAILED = share('SPAM_MAX_FAILED', 0.01);

export const options = {
  scenarios: {
    flood: {
      executor: 'constant-arrival-rate',
      rate: count('SPAM_RATE', 20),
      timeUnit: '1s',
      duration: text('SPAM_DURATION', '30s'),
      preAllocatedVUs: count('SPAM_VUS', 10),
      maxVUs: count('SPAM_MAX_VUS', 100),
    },
  },
  thresholds: {
    checks: [`rate>=${(1 - MAX_FAILED).toFixed(4)}`],
    http_req_failed: [`rate<=${MAX_FAILED.toFixed(4)}`],
    http_req_duration: [`p(95)<${number('SPAM_MAX_P95_MS', 2000)}`],
  },
};

export function setup() {
  return { users: api.idsOf('users', users.slice(0, 5)), posts: api.idsOf('posts', posts.slice(0, 5)) };
}

export default function (made) {
  const user = api.oneOf(made.users);
  const post = api.oneOf(made.posts);
  for (let i = 0; i < BATCH; i += 1) {
    // all texts in turn, so that each run sends the same ones
    const { content } = spam[(scenario.iterationInTest * BATCH + i) % spam.length];
    if (check(api.writeSpam(post, user, content), { 'spam is refused': api.refused })) {
      refusals.add(1);
    }
  }
}
