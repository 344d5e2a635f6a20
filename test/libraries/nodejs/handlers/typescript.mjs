import ts from 'typescript';
export const handler = async () => {
  const { writeFileSync } = await import('node:fs');
  writeFileSync('/tmp/fxts.ts', 'const a: number = "x"');
  return ts.getPreEmitDiagnostics(ts.createProgram(['/tmp/fxts.ts'], { noEmit: true, types: [] })).map((d) => d.code);
};
