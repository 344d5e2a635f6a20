import * as A from 'asciidoctor';
export const handler = async () => {
  const f = A.default ?? A;
  const a = typeof f === 'function' ? f() : f;
  return String(await (a.convert ?? A.convert).call(a, '*x*')).includes('<strong>');
};
