export default function () {
  console.log('log'); console.info('info'); console.warn('warn'); console.error('error'); console.debug('debug is hidden without --verbose');
  console.log(typeof console.trace, typeof console.table, typeof console.dir, typeof console.group, typeof console.assert, Object.keys(console).sort().join());
}
