import handlebars from 'handlebars';

export const handler = async () => handlebars.compile('hi {{name}}')({ name: 'x' });
