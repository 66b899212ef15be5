const http = require('k6/http');
const { check } = require('k6');
const common = require('./lib/common.cjs.js');
exports.options = { iterations: 1 };
exports.default = function () {
  console.log(typeof http.get, typeof check, common.hello('you'), common.where);
};
