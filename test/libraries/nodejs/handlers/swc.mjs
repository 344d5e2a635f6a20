import { transform } from '@swc/core';

export const handler = async () =>
  (await transform('let x: number = 1', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } })).code;
