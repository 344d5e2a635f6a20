import tw from '@tailwindcss/postcss';
import postcss from 'postcss';
export const handler = async () =>
  (await postcss([tw({ base: '/tmp' })]).process('a{b:c}', { from: '/tmp/x.css' })).css;
