import nothing from 'k6/nothing';
export default function () {}
