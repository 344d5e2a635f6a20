const { I18n } = require('i18n');
const path = require('node:path');
exports.handler = async () => {
  const i = new I18n({ locales: ['de'], directory: path.join(__dirname, 'locales-i18n'), updateFiles: false });
  return i.__({ phrase: 'hello', locale: 'de' });
};
