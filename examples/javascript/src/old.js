const { greet } = require('./greeting.js');

exports.handler = async () => greet('CommonJS');
