export const options = JSON.parse(open('./options.data.json'));
export default function () { console.log(__ITER); }
