// Java, Kotlin, Scala and Clojure functions, through Maven, Gradle or Leiningen: an unpacked fat jar, or an unpacked jar with its
// dependencies in lib/, which is on the runtime's class path. https://docs.aws.amazon.com/lambda/latest/dg/java-package.html
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, isAbsolute, join, relative } from 'node:path';
import type { Span } from '../base/error.ts';
import { missingTool, withIncluded } from './compiled.ts';
import { checkHandler } from './jvm-handler.ts';
import { filesOf, jarIn, jarsIn, layerJars } from './jvm-jars.ts';
import { gradleWorkspace, mavenWorkspace, type Workspace, wrapperIn } from './jvm-workspace.ts';
import { buildInTurn, slashed, sourceTree } from './parts.ts';
import type { BuildResult, FunctionSource, Input, Runtime, Tools } from './runtime.ts';
import { findProgram, runTool, type ToolCall, toolProblem } from './tool.ts';

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
  /** The program that built it; undefined for a jar that was there. */
  readonly program: string | undefined;
  readonly workspace?: Workspace;
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
  const made = await making;
  const { jar, libraries, workspace } = made;
  if (made.problem !== undefined) return made.problem;
  if (jar === undefined) {
    const message = `the function "${name}" was built, but ${packaging.source || '.'} has no jar`;
    return { built: [], problems: [{ at, message, hint: jarPlaces.join(', ') }] };
  }
  const others = (workspace?.siblings ?? []).flatMap((sibling) => outputFolders.map((place) => join(sibling, place)));
  const jars = { jar, libraries, made: new Set(others.flatMap(jarsIn).map((file) => basename(file))) };
  const files = await filesOf(jars, { source, tools });
  const wrong = await checkHandler(source, files);
  if (wrong !== undefined) return { built: [], problems: [wrong] };
  const inputs = [...inputsOf(made, jar, folder), ...layerJars(source).map((path): Input => ({ kind: 'file', path }))];
  const result = withIncluded(source, tools, { files, inputs });
  return {
    built: result.built.map((program) => ({ ...program, foreignCode: true })),
    problems: result.problems,
  };
}

/** A jar that was there is the only input; otherwise the sources are, with those of the modules that it uses. */
function inputsOf({ program, workspace }: JvmBuild, jar: string, folder: string): readonly Input[] {
  if (program === undefined || workspace === undefined) return [{ kind: 'file', path: jar }];
  const { siblings, plugins, settings } = workspace;
  return [
    ...[folder, ...siblings, ...plugins].map((path) => sourceTree(path, notSources)),
    ...settings.map((path): Input => ({ kind: 'file', path })),
    { kind: 'program', name: program },
    { kind: 'program', name: 'java' },
  ];
}

/** Tool output, unless it lies among sources: a package may have the same name. */
const outputs = ['target/', 'build/', 'bin/', '*.class'];
const notSources = [...outputs, ...outputs.map((path) => `!**/src/**/${path}`), '.gradle/'];

const jarPlaces = ['target/apex.jar', 'build/libs/apex.jar'];
const outputFolders = ['target', 'build/libs'];

async function make(source: FunctionSource, folder: string, tools: Tools): Promise<JvmBuild> {
  const has = (name: string) => existsSync(join(folder, name));
  if (has('pom.xml')) return makeByMaven(source, folder, tools);
  if (has('build.gradle') || has('build.gradle.kts')) return makeByGradle(source, folder, tools);
  if (has('project.clj')) return makeByLeiningen(source, folder, tools);
  const jar = jarPlaces.map((place) => join(folder, place)).find((file) => existsSync(file));
  return { ...(jar === undefined ? {} : { jar }), libraries: [], program: undefined };
}

/** The wrapper of the build, or of the project. */
const wrapperOf = (folder: string, { root }: Workspace, name: string, tools: Tools) =>
  wrapperIn(folder, root, name) ?? wrapperIn(tools.folder, tools.folder, name);

// ---- Maven

/** Where Maven copies dependencies: in each module's own folder, as those of a workspace are built together. */
const mavenLibraries = 'target/fx-libraries';

/** With dependency jars, unless the project's build makes a fat jar. From the root of a workspace, the module and those it uses. */
export function mavenBuild(folder: string, pom: string, root = folder): Omit<ToolCall, 'program' | 'signal'> {
  const quiet = ['--batch-mode', '--no-transfer-progress', '--quiet', '-Dstyle.color=never', '-DskipTests'];
  const only = root === folder ? [] : ['--projects', slashed(relative(root, folder)), '--also-make'];
  const copy = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${mavenLibraries}`];
  return { folder: root, args: [...quiet, ...only, 'package', ...(makesOneJar(pom) ? [] : copy)] };
}

const makesOneJar = (build: string) =>
  /maven-shade-plugin|maven-assembly-plugin|jar-with-dependencies|shadow/.test(build);

async function makeByMaven(source: FunctionSource, folder: string, tools: Tools): Promise<JvmBuild> {
  const workspace = mavenWorkspace(folder);
  const wrapper = process.platform === 'win32' ? 'mvnw.cmd' : 'mvnw';
  const program = wrapperOf(folder, workspace, wrapper, tools) ?? findProgram('mvn');
  if (program === undefined) return { libraries: [], program: 'mvn', problem: missingTool(source, 'mvn') };
  tools.progress(source.name, 'mvn package');
  const pom = readFileSync(join(folder, 'pom.xml'), 'utf8');
  const libraries = join(folder, mavenLibraries);
  rmSync(libraries, { recursive: true, force: true });
  const call = mavenBuild(folder, pom, workspace.root);
  const result = await runTool({ ...call, program, signal: tools.signal });
  if (result.exitCode !== 0)
    return { libraries: [], program: 'mvn', problem: failure('mvn package', source, result, tools) };
  return { ...jarIn(join(folder, 'target')), libraries: jarsIn(libraries), program: 'mvn', workspace };
}

// ---- Gradle

/** fx adds a Gradle task that copies the jar's runtime dependencies. */
const gradleScript = `allprojects {
  afterEvaluate { p ->
    if (p.configurations.findByName('runtimeClasspath') != null) {
      p.tasks.create('fxLibraries', Copy) {
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
  const workspace = gradleWorkspace(folder);
  const program = wrapperOf(folder, workspace, wrapper, tools) ?? findProgram('gradle');
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
  return { ...jarIn(join(folder, 'build/libs')), libraries: jarsIn(places.libraries), program: 'gradle', workspace };
}

// ---- Leiningen

async function makeByLeiningen(source: FunctionSource, folder: string, tools: Tools): Promise<JvmBuild> {
  const program = findProgram('lein');
  if (program === undefined) return { libraries: [], program: 'lein', problem: missingTool(source, 'lein') };
  tools.progress(source.name, 'lein uberjar');
  const result = await runTool({ program, args: ['uberjar'], folder, signal: tools.signal });
  if (result.exitCode !== 0)
    return { libraries: [], program: 'lein', problem: failure('lein uberjar', source, result, tools) };
  const workspace = { root: folder, siblings: [], settings: [], plugins: [] };
  return { ...jarIn(join(folder, 'target')), libraries: [], program: 'lein', workspace };
}

/** `[ERROR] /path/App.java:[10,5] message` of Maven, `/path/App.java:10: error: message` of javac, Kotlin and Scala. */
function failure(
  what: string,
  source: FunctionSource,
  result: Awaited<ReturnType<typeof runTool>>,
  tools: Tools,
): BuildResult {
  const where = (output: string): { at: Span; message: string } | undefined => {
    const byMaven = /(\/\S+\.(?:java|kt|scala)):\[(\d+),(\d+)\] (.+)$/m.exec(output);
    const start = /^(?:\[ERROR\] |e: )?(?:file:\/\/)?/;
    const rest = /(\/\S+\.(?:java|kt|scala|clj)):(\d+)(?::(\d+))?:? (?:error: )?(.+)$/;
    const byGradle = new RegExp(start.source + rest.source, 'm').exec(output);
    const [, file, line, column, message] = byMaven ?? byGradle ?? [];
    if (file === undefined || message === undefined) return undefined;
    const shown = isAbsolute(file) ? slashed(relative(tools.folder, file)) : file;
    return { at: { file: shown, line: Number(line), column: Number(column ?? 1), length: 1 }, message };
  };
  return { built: [], problems: [toolProblem(`${what} of "${source.name}"`, result, source.at, where)] };
}
