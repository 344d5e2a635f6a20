import { Project } from 'ts-morph';
export const handler = async () => {
  const p = new Project({ useInMemoryFileSystem: true });
  const f = p.createSourceFile('a.ts', 'const a: number = "x"; Promise.resolve(1)');
  return f.getPreEmitDiagnostics().map((d) => d.getCode());
};
