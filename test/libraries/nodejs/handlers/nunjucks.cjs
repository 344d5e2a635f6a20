const nunjucks = require('nunjucks');
exports.handler = async () => nunjucks.configure(`${__dirname}/views-nj`).render('home.njk', { name: 'x' });
