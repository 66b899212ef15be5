import http from 'k6/http';
export default function () {
  console.log(http.get('http://127.0.0.1:1/').error_code);
  try {
    http.get('http://127.0.0.1:1/', { throw: true });
    console.log('not thrown');
  } catch (e) {
    console.log('thrown', e.message || String(e));
  }
}
