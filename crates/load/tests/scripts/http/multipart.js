import { stable } from '../support.js';
import http from 'k6/http';
const text = open('./upload.txt');
const bytes = open('./upload.txt', 'b');
const url = `${__ENV.BASE_URL}/post`;
export default function () {
  const file = http.file(bytes, 'name.bin', 'application/x-thing');
  console.log(file.filename, file.content_type, typeof file.data);
  const r = http.post(url, { field: 'value', number: 5, upload: file, other: http.file(text, 'o.txt') });
  const j = r.json();
  console.log(/^multipart\/form-data; boundary=\w+$/.test(j.headers['Content-Type']), stable(j.form), stable(j.files));
  const body = r.request.body;
  console.log(body.includes('Content-Disposition: form-data; name="upload"; filename="name.bin"'), body.includes('Content-Type: application/x-thing'), body.includes('name="other"; filename="o.txt"'), body.includes('Content-Type: application/octet-stream'));
  const anonymous = http.file('data');
  console.log(/^\d+$/.test(anonymous.filename), anonymous.content_type);
}
