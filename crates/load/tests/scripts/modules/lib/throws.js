throw new Error('from the module');
export const x = 1;
