export default function () {
  const d = new Date('2024-02-29T12:34:56.789Z');
  console.log(d.toISOString(), d.getTime(), d.getUTCDay(), JSON.stringify(d), Date.UTC(2020, 0, 1), isNaN(new Date('nonsense')));
  console.log(new Date(2024, 0, 31, 1, 2, 3).getMonth(), new Date(0).toJSON(), Date.parse('2024-01-01'), new Date(8.64e15 + 1).getTime());
  console.log(typeof Date.now(), Math.abs(Date.now() - new Date()) < 1000, new Date(Date.UTC(2024, 1, 30)).getUTCDate());
}
