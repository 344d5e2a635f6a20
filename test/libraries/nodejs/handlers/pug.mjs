import pug from 'pug';

export const handler = async () => pug.render('p hi');
