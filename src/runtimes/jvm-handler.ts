// Checks the handler of a built JVM function.
import { readFileSync } from 'node:fs';
import type { Problem } from '../base/error.ts';
import { layerJars, namesIn } from './jvm-jars.ts';
import type { ArtifactFile, FunctionSource } from './runtime.ts';

/** Class files of Java 8 have version 52, and each later one more: https://docs.oracle.com/javase/specs/jvms/se21/html/jvms-4.html */
const versionOfJava8 = 52;

/** Checks that the handler's class exists, in the function's jar or one that it depends on, and that the runtime supports its version. */
export async function checkHandler(
  source: FunctionSource,
  files: readonly ArtifactFile[],
): Promise<Problem | undefined> {
  const { handler, handlerAt, name, runtime } = source;
  const className = handler.split('::')[0] ?? '';
  const path = `${className.replaceAll('.', '/')}.class`;
  const classFile = files.find((file) => file.path === path);
  if (classFile === undefined) {
    if (source.hasOtherLayers || (await isInJar(path, source, files))) return undefined;
    const classes = files.map((file) => file.path).filter((name) => /\.class$/.test(name) && !name.includes('$'));
    const suggestion = classes.find((name) => name.endsWith(`/${path.split('/').at(-1)}`)) ?? classes[0];
    const hint =
      suggestion === undefined
        ? 'the jar has no classes'
        : `the jar has ${suggestion.replace(/\.class$/, '').replaceAll('/', '.')}`;
    return { at: handlerAt, message: `the function "${name}" has no class ${className}`, hint };
  }
  if (!('file' in classFile.content)) return undefined;
  const java = readFileSync(classFile.content.file).readUInt16BE(6) - versionOfJava8 + 8;
  const most = Number(/^java(\d+)/.exec(runtime)?.[1] ?? 8);
  if (java <= most) return undefined;
  return {
    at: handlerAt,
    message: `the function "${name}" was compiled for Java ${java}, but ${runtime} runs Java ${most}`,
    hint: `set maven.compiler.release or its like to ${most}, or set \`runtime\``,
  };
}

/** Frameworks bring the class of the handler along: in a jar of lib/, or of a layer. */
async function isInJar(path: string, source: FunctionSource, files: readonly ArtifactFile[]): Promise<boolean> {
  const own = files.flatMap(({ path: name, content }) =>
    /^lib\/[^/]+\.jar$/.test(name) && 'file' in content ? [content.file] : [],
  );
  for (const jar of [...own, ...layerJars(source)]) if ((await namesIn(jar)).includes(path)) return true;
  return false;
}
