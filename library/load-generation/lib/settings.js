// Settings from the environment, or from `environ` in an experiment. A mistake is told at once, before any request.

export function text(name, fallback) {
  const value = __ENV[name];
  return value === undefined || value === '' ? fallback : value;
}

export function number(name, fallback, most = Infinity) {
  const value = Number(text(name, fallback));
  if (!Number.isFinite(value) || value < 0 || value > most) {
    const limit = most === Infinity ? '' : ` to ${most}`;
    throw new Error(`${name} must be a number from 0${limit}, not '${__ENV[name]}'`);
  }
  return value;
}

// A count of at least one.
export function count(name, fallback) {
  const value = number(name, fallback);
  if (value < 1 || !Number.isInteger(value)) {
    throw new Error(`${name} must be a whole number from 1 on, not '${__ENV[name]}'`);
  }
  return value;
}

// A share from 0 (never) to 1 (always).
export const share = (name, fallback) => number(name, fallback, 1);
