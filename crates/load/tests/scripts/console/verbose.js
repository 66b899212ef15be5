export default function () { console.debug('debug is shown'); console.log('log'); }
