export const options = { scenarios: { s: { executor: 'shared-iterations', exec: 'nowhere' } } };
export default function () {}
