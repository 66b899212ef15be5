__ENV.ADDED = 'in init';
export default function () {
  __ENV.LATER = 'later';
  console.log(__ENV.ADDED, __ENV.LATER, 'BASE_URL' in __ENV, delete __ENV.LATER, __ENV.LATER);
}
