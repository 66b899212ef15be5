export default function () {
  open('./lib/hello.txt');
}
