class Own extends Error { constructor(m) { super(m); this.name = 'Own'; } }
export default function () { throw new Own('own text'); }
