import crypto from 'k6/crypto';
export default function () {
  try { console.log(typeof crypto.createHash('crc32')); } catch (e) { console.log('threw'); }
  console.log('goes on');
}
