import http from 'k6/http';
const address = __ENV.BASE_URL.replace('http://', '');
const [ip, port] = address.split(':');
export const options = { iterations: 1, hosts: { 'some.test': address, 'plain.test': ip, '*.wild.test': address, [`exact.test:8000`]: address } };
export default function () {
  for (const url of [`http://some.test/headers`, `http://plain.test:${port}/headers`, 'http://a.wild.test/headers', 'http://exact.test:8000/headers']) {
    const r = http.get(url);
    console.log(r.status, r.json('headers.Host').replace(port, 'PORT'), r.url.replace(port, 'PORT'));
  }
}
