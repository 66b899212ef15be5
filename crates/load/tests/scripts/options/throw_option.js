import http from 'k6/http';
export const options = { iterations: 1, throw: true };
export default function () {
  http.get('http://127.0.0.1:1/');
  console.log('never');
}
