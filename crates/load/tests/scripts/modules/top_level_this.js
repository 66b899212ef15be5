const outer = typeof this;
export default function () { console.log(outer, typeof this); }
