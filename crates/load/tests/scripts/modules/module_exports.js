module.exports = {
  options: { iterations: 1 },
  default: function () { console.log('commonjs default'); },
};
