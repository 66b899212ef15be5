import http from 'k6/http';

export default function () {
  const x = 5 +;
  http.get('x');
}
