const text = open('./lib/hello.txt');
const same = open('lib/hello.txt');
export default function () { console.log(JSON.stringify(text), text === same); }
