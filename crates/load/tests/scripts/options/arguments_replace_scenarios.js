import exec from 'k6/execution';
export const options = { scenarios: { s: { executor: 'constant-vus', vus: 10, duration: '1m', exec: 'other' } } };
export function other() { console.log('other'); }
export default function () { console.log(exec.scenario.name, exec.scenario.executor); }
