import { attempt } from '../support.js';
export default function () {
  console.log(attempt(() => typeof setTimeout()), attempt(() => typeof setTimeout('text', 1)), attempt(() => typeof setTimeout(null, 1)));
  console.log(attempt(() => { setTimeout(() => console.log('no delay')); return 'ok'; }), attempt(() => { setTimeout(() => console.log('negative'), -5); return 'ok'; }), attempt(() => { setTimeout(() => console.log('nan'), NaN); return 'ok'; }));
  console.log(attempt(() => clearTimeout(999)), attempt(() => clearTimeout()), attempt(() => clearInterval('x')));
}
