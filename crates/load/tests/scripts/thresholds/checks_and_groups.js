import { check, group } from 'k6';
export const options = { iterations: 2, thresholds: { 'checks{group:::outer::inner}': ['rate==0'], 'group_duration{group:::outer}': ['max<10000'], 'checks{group:::outer}': ['rate==1'] } };
export default function () {
  group('outer', () => {
    check(1, { ok: () => true });
    group('inner', () => check(1, { 'not ok': () => false }));
  });
}
