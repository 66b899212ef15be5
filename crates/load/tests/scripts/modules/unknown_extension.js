import nothing from 'k6/x/nothing';
export default function () {}
