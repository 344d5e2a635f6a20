import { Parser } from 'web-tree-sitter';
export const handler = async () => {
  await Parser.init();
  return typeof new Parser().parse;
};
