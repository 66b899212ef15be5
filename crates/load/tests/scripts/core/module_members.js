import http from 'k6/http';
import * as data from 'k6/data';
import * as metrics from 'k6/metrics';
import encoding from 'k6/encoding';
import crypto from 'k6/crypto';
import exec from 'k6/execution';
import timers from 'k6/timers';
const globals = ['open', 'require', 'console', '__ENV', '__VU', '__ITER', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'global', 'globalThis', 'Promise', 'URL', 'URLSearchParams', 'TextEncoder', 'atob', 'btoa', 'fetch', 'performance', 'structuredClone', 'queueMicrotask', 'Intl', 'WebSocket', 'crypto', 'process', 'WeakRef', 'FinalizationRegistry', 'Buffer', 'window', 'document', 'Atomics', 'SharedArrayBuffer', 'AggregateError', 'escape', 'Proxy', 'Reflect', 'WebAssembly', 'Iterator', 'AbortController', 'Headers', 'FormData', 'Blob', 'ReadableStream', 'print'];
const inInit = globals.map((g) => `${g}:${typeof globalThis[g]}`).join(' ');
export default function () {
  for (const m of [http, data, metrics, encoding, crypto, exec, timers]) console.log(Object.keys(m).sort().join());
  for (const f of [http, metrics, crypto]) console.log(Object.keys(f).sort().map((k) => typeof f[k]).join());
  console.log(inInit);
  console.log(`${typeof open} ${typeof require}`);
}
