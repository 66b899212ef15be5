exports.hello = (who) => `hello ${who}`;
exports.where = typeof module;
