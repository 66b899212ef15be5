import exec from 'k6/execution';
export default function () {
  try { exec.test.abort('stop'); } catch (e) { console.log('caught'); }
  console.log('after');
}
