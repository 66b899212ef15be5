export default function () {
  const m = /(?<year>\d{4})-(?<month>\d\d)/.exec('on 2024-05-06');
  console.log(m.groups.year, m.groups.month, m.index);
  console.log('price $5 and €6'.match(/(?<=\$)\d/)[0], 'a1b2'.replace(/(?<!a)\d/g, '#'), /^.$/u.test('😀'), /a.b/s.test('a\nb'));
  console.log([...'a1b22'.matchAll(/[a-z](\d+)/g)].map((x) => x[1]).join(), 'x'.search(/y/), 'a,b;c'.split(/[,;]/).join('|'));
  const sticky = /a/y; sticky.lastIndex = 1; console.log(sticky.test('ba'), sticky.lastIndex);
  console.log('John Smith'.replace(/(?<first>\w+) (?<last>\w+)/, '$<last>, $<first>'), 'aaa'.replace(/a/g, (c, i) => i));
}
