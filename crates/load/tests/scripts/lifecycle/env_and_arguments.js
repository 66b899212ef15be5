export const options = { vus: 50, duration: '1m' };
export default function () {
  console.log(__ENV.WHO, JSON.stringify(__ENV.EMPTY), __ENV.WITH, __ENV.MISSING, typeof __ENV);
}
