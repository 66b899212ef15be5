module.exports.setup = () => 5;
module.exports.default = (data) => console.log('data', data);
