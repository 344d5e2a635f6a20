const Email = require('email-templates');
const path = require('node:path');
exports.handler = async () =>
  new Email({ views: { root: path.join(__dirname, 'emails') }, preview: false, message: { from: 'a@b.c' } }).render(
    'hi/html',
    { name: 'x' },
  );
