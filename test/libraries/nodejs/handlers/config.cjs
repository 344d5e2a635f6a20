process.env.NODE_CONFIG_DIR = `${__dirname}/config`;
process.env.SUPPRESS_NO_CONFIG_WARNING = '1';
const config = require('config');
exports.handler = async () => config.get('name');
