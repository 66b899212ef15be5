export default function () { throw null; }
