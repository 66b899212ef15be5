import http from 'k6/http';
const url = `${__ENV.BASE_URL}/get`;
export default function () {
  for (const params of ['text', 5, [], { nothing: 1 }, { timeout: 'abc' }, { timeout: -1 }, { timeout: {} }, { redirects: 'x' }, { tags: 'x' }, { auth: 'unknown' }, { responseType: 'x' }, { compression: 'x' }, { cookies: 'x' }, { jar: 'x' }, { responseCallback: 5 }, { responseCallback: null }]) {
    try { console.log(JSON.stringify(params), http.get(url, params).status); } catch (e) { console.log(JSON.stringify(params), 'threw', String(e)); }
  }
}
