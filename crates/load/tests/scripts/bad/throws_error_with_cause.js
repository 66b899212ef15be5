export default function () { throw new Error('outer', { cause: new Error('inner') }); }
