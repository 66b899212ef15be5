import http, { get, TLS_1_2, CookieJar, batch } from 'k6/http';
import * as all from 'k6/http';
export default function () {
  console.log(TLS_1_2, http.TLS_1_0, http.OCSP_STATUS_GOOD, typeof CookieJar, typeof batch, all.get === get);
  console.log(get(`${__ENV.BASE_URL}/get`).status);
}
