import exec from 'k6/execution';
export default function () { for (let i = 0; ; i++) exec.vu.tags[`t${i}`] = 'x'; }
