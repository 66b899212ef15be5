function build() { return { iterations: 3, vus: 1 }; }
export let options = build();
options.iterations = 2;
export default function () { console.log(__ITER); }
