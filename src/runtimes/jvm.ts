// Java, Kotlin and Clojure functions, through Maven, Gradle or Leiningen: an unpacked fat jar, or an unpacked jar with its
// dependencies in lib/, which is on the runtime's class path. https://docs.aws.amazon.com/lambda/latest/dg/java-package.html
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import type { Problem, Span } from '../base/error.ts';
import { missingTool, withIncluded } from './compiled.ts';
import { buildInTurn, slashed, sourceTree } from './parts.ts';
import type { ArtifactFile, BuildResult, FunctionSource, Input, Runtime, Tools } from './runtime.ts';
import { findProgram, runTool, type ToolCall, toolProblem } from './tool.ts';
import { unzipTo } from './unzip.ts';

export const jvm: Runtime = {
  name: 'jvm',
  build(functions, tools) {
    const done = new Map<string, Promise<JvmBuild>>();
    // functions in one folder share its jar, and Maven cannot run twice at once in a folder
    return buildInTurn(functions, (source) => buildOne(source, tools, done));
  },
};

interface JvmBuild {
  readonly jar?: string;
  /** The jars it depends on. */
  readonly libraries: readonly string[];
  readonly program: string | undefined;
  readonly problem?: BuildResult;
}

async function buildOne(
  source: FunctionSource,
  tools: Tools,
  done: Map<string, Promise<JvmBuild>>,
): Promise<BuildResult> {
  const { packaging, name, at } = source;
  const folder = join(tools.folder, packaging.source);
  const making = done.get(folder) ?? make(source, folder, tools);
  done.set(folder, making);
  const { jar, libraries, program, problem } = await making;
  if (problem !== undefined) return problem;
  if (jar === undefined) {
    const message = `the function "${name}" was built, but ${packaging.source || '.'} has no jar`;
    return { built: [], problems: [{ at, message, hint: jarPlaces.join(', ') }] };
  }
  const files = await filesOf(jar, libraries, { source, tools });
  const wrong = checkHandler(source, files);
  if (wrong !== undefined) return { built: [], problems: [wrong] };
  // a prebuilt jar is the only input; otherwise the sources are
  const inputs: Input[] =
    program === undefined ? [{ kind: 'file', path: jar }] : [sourceTree(folder, notSources), ...above(folder, tools)];
  if (program !== undefined) inputs.push({ kind: 'program', name: program }, { kind: 'program', name: 'java' });
  const result = withIncluded(source, tools, { files, inputs });
  return {
    built: result.built.map((program) => ({ ...program, foreignCode: true })),
    problems: result.problems,
  };
}

/** Tool output, unless it lies among sources: a package may have the same name. */
const outputs = ['target/', 'build/', 'bin/', '*.class'];
const notSources = [...outputs, ...outputs.map((path) => `!**/src/**/${path}`), '.gradle/'];

/** Parent build files. */
function above(folder: string, { folder: project }: Tools): readonly Input[] {
  const inputs: Input[] = [];
  for (let above = folder; above !== dirname(above) && above !== dirname(project); above = dirname(above)) {
    for (const name of [
      'pom.xml',
      'settings.gradle',
      'settings.gradle.kts',
      'gradle.properties',
      '.mvn/maven.config',
    ]) {
      inputs.push({ kind: 'file', path: join(dirname(above), name) });
    }
  }
  return inputs;
}

const jarPlaces = ['target/apex.jar', 'build/libs/apex.jar'];

async function make(source: FunctionSource, folder: string, tools: Tools): Promise<JvmBuild> {
  const has = (name: string) => existsSync(join(folder, name));
  if (has('pom.xml')) return makeByMaven(source, folder, tools);
  if (has('build.gradle') || has('build.gradle.kts')) return makeByGradle(source, folder, tools);
  if (has('project.clj')) return makeByLeiningen(source, folder, tools);
  const jar = jarPlaces.map((place) => join(folder, place)).find((file) => existsSync(file));
  return { ...(jar === undefined ? {} : { jar }), libraries: [], program: undefined };
}

// ---- Maven

/** With dependency jars, unless the project's build makes a fat jar. */
export function mavenBuild(folder: string, pom: string, libraries: string): Omit<ToolCall, 'program' | 'signal'> {
  const quiet = ['--batch-mode', '--no-transfer-progress', '--quiet', '-Dstyle.color=never', '-DskipTests'];
  const copy = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${libraries}`];
  return { folder, args: [...quiet, 'package', ...(makesOneJar(pom) ? [] : copy)] };
}

const makesOneJar = (build: string) =>
  /maven-shade-plugin|maven-assembly-plugin|jar-with-dependencies|shadow/.test(build);

async function makeByMaven(source: FunctionSource, folder: string, tools: Tools): Promise<JvmBuild> {
  const wrapper = process.platform === 'win32' ? 'mvnw.cmd' : 'mvnw';
  const program = existsSync(join(folder, wrapper)) ? join(folder, wrapper) : findProgram('mvn');
  if (program === undefined) return { libraries: [], program: 'mvn', problem: missingTool(source, 'mvn') };
  tools.progress(source.name, 'mvn package');
  const pom = readFileSync(join(folder, 'pom.xml'), 'utf8');
  const libraries = join(tools.scratch, 'jvm', source.name, 'lib');
  mkdirSync(libraries, { recursive: true });
  const result = await runTool({ ...mavenBuild(folder, pom, libraries), program, signal: tools.signal });
  if (result.exitCode !== 0)
    return { libraries: [], program: 'mvn', problem: failure('mvn package', source, result, tools) };
  return { ...jarIn(join(folder, 'target')), libraries: jarsIn(libraries), program: 'mvn' };
}

// ---- Gradle

/** fx adds a Gradle task that copies the jar's runtime dependencies. */
const gradleScript = `allprojects {
  afterEvaluate { p ->
    if (p.configurations.findByName('runtimeClasspath') != null) {
      p.tasks.register('fxLibraries', Copy) {
        from p.configurations.runtimeClasspath
        into p.findProperty('fxLibraries')
      }
    }
  }
}
`;

export function gradleBuild(
  folder: string,
  build: string,
  places: { readonly script: string; readonly libraries: string },
) {
  const tasks = makesOneJar(build) ? ['shadowJar'] : ['jar', 'fxLibraries'];
  const words = [
    '--quiet',
    '--console=plain',
    '--no-daemon',
    '--init-script',
    places.script,
    `-PfxLibraries=${places.libraries}`,
  ];
  return { folder, args: [...words, ...tasks] };
}

async function makeByGradle(source: FunctionSource, folder: string, tools: Tools): Promise<JvmBuild> {
  const wrapper = process.platform === 'win32' ? 'gradlew.bat' : 'gradlew';
  const wrapperFile = [folder, tools.folder].map((parent) => join(parent, wrapper)).find((file) => existsSync(file));
  const program = wrapperFile ?? findProgram('gradle');
  if (program === undefined) return { libraries: [], program: 'gradle', problem: missingTool(source, 'gradle') };
  tools.progress(source.name, 'gradle jar');
  const scratch = join(tools.scratch, 'jvm', source.name);
  const places = { script: join(scratch, 'fx.gradle'), libraries: join(scratch, 'lib') };
  mkdirSync(places.libraries, { recursive: true });
  writeFileSync(places.script, gradleScript);
  const build = ['build.gradle', 'build.gradle.kts']
    .map((name) => join(folder, name))
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const result = await runTool({ ...gradleBuild(folder, build, places), program, signal: tools.signal });
  if (result.exitCode !== 0)
    return { libraries: [], program: 'gradle', problem: failure('gradle', source, result, tools) };
  return { ...jarIn(join(folder, 'build/libs')), libraries: jarsIn(places.libraries), program: 'gradle' };
}

// ---- Leiningen

async function makeByLeiningen(source: FunctionSource, folder: string, tools: Tools): Promise<JvmBuild> {
  const program = findProgram('lein');
  if (program === undefined) return { libraries: [], program: 'lein', problem: missingTool(source, 'lein') };
  tools.progress(source.name, 'lein uberjar');
  const result = await runTool({ program, args: ['uberjar'], folder, signal: tools.signal });
  if (result.exitCode !== 0)
    return { libraries: [], program: 'lein', problem: failure('lein uberjar', source, result, tools) };
  return { ...jarIn(join(folder, 'target')), libraries: [], program: 'lein' };
}

// ---- Output

function jarsIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.jar'));
  return names.sort().map((name) => join(folder, name));
}

/** Apex's name, else a jar named as a fat jar, else the only jar. */
function jarIn(folder: string): { readonly jar?: string } {
  const jars = jarsIn(folder).filter((file) => !/[\\/]original-|-(sources|javadoc|tests|plain)\.jar$/.test(file));
  const named = (pattern: RegExp) => jars.find((file) => pattern.test(file));
  const jar = named(/[\\/]apex\.jar$/) ?? named(/-(all|standalone|jar-with-dependencies|shaded|aws)\.jar$/) ?? jars[0];
  return jar === undefined ? {} : { jar };
}

/** Archives contain dates, so two builds differ, but their files are equal. Jars from repositories are packed as they are. */
async function filesOf(
  jar: string,
  libraries: readonly string[],
  { source, tools }: { readonly source: FunctionSource; readonly tools: Tools },
): Promise<readonly ArtifactFile[]> {
  const folder = join(tools.scratch, 'jvm', source.name, 'classes');
  const shown = slashed(relative(tools.folder, jar));
  const entries = await unzipTo(jar, folder);
  const classes = entries
    // Maven's build metadata, with a timestamp
    .filter(({ path }) => !/^META-INF\/maven\/|^META-INF\/(.*\.(SF|RSA|DSA)|INDEX\.LIST)$/.test(path))
    .map(({ path, file }): ArtifactFile => {
      const content =
        path === 'META-INF/MANIFEST.MF' ? { bytes: withoutBuilder(readFileSync(file, 'utf8')) } : { file };
      return { path, content, from: [shown] };
    });
  const beside = libraries.map((file): ArtifactFile => {
    const name = slashed(file).split('/').at(-1) ?? '';
    return { path: `lib/${name}`, content: { file }, from: [`a dependency of ${source.packaging.source || '.'}`] };
  });
  return [...classes, ...beside];
}

/** Tools record who built a jar, when and with what. A line that begins with a space continues the one before. */
function withoutBuilder(manifest: string): Uint8Array {
  const noted =
    /^(?:Built-(?:By|Date|JDK|OS|Host)|Build-(?:Jdk|Date|Time|Timestamp|OS|Host)|Bnd-LastModified):.*\r?\n(?: .*\r?\n)*/gim;
  return Buffer.from(manifest.replace(noted, ''));
}

/** Class files of Java 8 have version 52, and each later one more: https://docs.oracle.com/javase/specs/jvms/se21/html/jvms-4.html */
const versionOfJava8 = 52;

/** Checks that the handler's class exists and that the runtime supports its version. */
function checkHandler(source: FunctionSource, files: readonly ArtifactFile[]): Problem | undefined {
  const { handler, handlerAt, name, runtime } = source;
  const className = handler.split('::')[0] ?? '';
  const path = `${className.replaceAll('.', '/')}.class`;
  const classFile = files.find((file) => file.path === path);
  if (classFile === undefined) {
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

/** `[ERROR] /path/App.java:[10,5] message` of Maven, `/path/App.java:10: error: message` of javac and Kotlin through Gradle. */
function failure(
  what: string,
  source: FunctionSource,
  result: Awaited<ReturnType<typeof runTool>>,
  tools: Tools,
): BuildResult {
  const where = (output: string): { at: Span; message: string } | undefined => {
    const byMaven = /(\/\S+\.(?:java|kt|clj)):\[(\d+),(\d+)\] (.+)$/m.exec(output);
    const byGradle = /^(?:e: )?(?:file:\/\/)?(\/\S+\.(?:java|kt|clj)):(\d+)(?::(\d+))?:? (?:error: )?(.+)$/m.exec(
      output,
    );
    const [, file, line, column, message] = byMaven ?? byGradle ?? [];
    if (file === undefined || message === undefined) return undefined;
    const shown = isAbsolute(file) ? slashed(relative(tools.folder, file)) : file;
    return { at: { file: shown, line: Number(line), column: Number(column ?? 1), length: 1 }, message };
  };
  return { built: [], problems: [toolProblem(`${what} of "${source.name}"`, result, source.at, where)] };
}
