import { transform } from 'lightningcss';

export const handler = async () =>
  transform({ filename: 'x.css', code: Buffer.from('a { color: red }'), minify: true }).code.toString();
