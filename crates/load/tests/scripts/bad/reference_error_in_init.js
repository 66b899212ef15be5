const x = missing.thing;
export default function () {}
