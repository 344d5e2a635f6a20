const u = require('useragent');
exports.handler = async () => u.parse('Mozilla/5.0 (X11; Linux x86_64; rv:100.0) Gecko/20100101 Firefox/100.0').family;
