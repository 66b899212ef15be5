export const thing = 5;
export const options = { scenarios: { s: { executor: 'shared-iterations', exec: 'thing' } } };
export default function () {}
