const text = open('./no_such_file.txt');
export default function () {}
