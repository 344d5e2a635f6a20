import prettier from 'prettier';
export const handler = async () => [
  await prettier.format('a  =  1', { parser: 'babel' }),
  await prettier.format('a: { b : 1}', { parser: 'yaml' }),
  await prettier.format('a{b:c}', { parser: 'css' }),
];
