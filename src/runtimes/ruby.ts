// Ruby functions: their files, and gems that bundler installs in vendor/bundle, where Lambda's runtime looks.
// https://docs.aws.amazon.com/lambda/latest/dg/ruby-package.html
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Problem } from '../base/error.ts';
import { missingTool } from './compiled.ts';
import { byPathOrder, findFiles } from './files.ts';
import { buildInTurn, fileRules, outsideProblems, slashed, toArtifactFiles, treeInput } from './parts.ts';
import type { ArtifactFile, BuildResult, FunctionSource, Input, Runtime, Tools } from './runtime.ts';
import { findProgram, runTool, type ToolCall, toolProblem } from './tool.ts';

export const ruby: Runtime = {
  name: 'ruby',
  build: (functions, tools) => buildInTurn(functions, (source) => buildOne(source, tools)),
};

/** Installs in a copy of the Gemfile, so that the project does not change. Native gems are built for this machine; if it is not
 * the function's platform, the inspection of their headers reports it. */
export function bundleInstall(folder: string): Omit<ToolCall, 'program' | 'signal'> {
  return {
    folder,
    args: ['install', '--quiet'],
    variables: {
      BUNDLE_GEMFILE: join(folder, 'Gemfile'),
      BUNDLE_PATH: 'vendor/bundle',
      BUNDLE_DEPLOYMENT: 'true',
      BUNDLE_WITHOUT: 'development:test',
    },
  };
}

const leftOut = ['vendor/bundle/', '.bundle/', 'spec/', 'test/'];

async function buildOne(source: FunctionSource, tools: Tools): Promise<BuildResult> {
  const folder = join(tools.folder, source.packaging.source);
  const missing = missingHandler(source, folder);
  if (missing !== undefined) return { built: [], problems: [missing] };
  const rules = fileRules(
    source,
    tools.folder,
    ['*.rb', 'Gemfile', 'Gemfile.lock', ...source.packaging.include],
    leftOut,
  );
  const selection = findFiles(folder, rules);
  const gems = await vendor(source, folder, tools);
  if (gems.problem !== undefined) return gems.problem;
  const inputs: Input[] = [treeInput(folder, rules), { kind: 'program', name: 'bundle' }];
  const files = [...toArtifactFiles(selection, tools.folder), ...gems.files].sort(byPathOrder);
  const built = { name: source.name, files, handler: source.handler, variables: {}, inputs };
  return { built: [{ ...built, unchecked: 'fx does not load Ruby' }], problems: outsideProblems(source, selection) };
}

interface Gems {
  readonly files: readonly ArtifactFile[];
  readonly problem?: BuildResult;
}

async function vendor(source: FunctionSource, folder: string, tools: Tools): Promise<Gems> {
  if (!existsSync(join(folder, 'Gemfile'))) return { files: [] };
  const program = findProgram('bundle');
  if (program === undefined) {
    return {
      files: [],
      problem: missingTool(
        source,
        'bundle',
        'install Ruby with bundler, or build elsewhere and name the result by `artifact`',
      ),
    };
  }
  const scratch = join(tools.scratch, 'ruby', source.name);
  mkdirSync(scratch, { recursive: true });
  for (const name of ['Gemfile', 'Gemfile.lock']) {
    if (existsSync(join(folder, name))) cpSync(join(folder, name), join(scratch, name));
  }
  // what bundle cache wrote: bundler then needs no registry
  const cached = join(folder, 'vendor/cache');
  if (existsSync(cached)) cpSync(cached, join(scratch, 'vendor/cache'), { recursive: true });
  tools.progress(source.name, 'bundle install');
  const result = await runTool({ ...bundleInstall(scratch), program, signal: tools.signal });
  if (result.exitCode !== 0) {
    return {
      files: [],
      problem: { built: [], problems: [toolProblem(`bundle install of "${source.name}"`, result, source.at)] },
    };
  }
  const exclude = [
    'vendor/bundle/ruby/*/cache/',
    'vendor/bundle/ruby/*/bin/',
    '*.gem',
    'gem_make.out',
    'mkmf.log',
    '*.o',
  ];
  const rules = { include: ['vendor/bundle/**'], exclude, outsideLinks: true, top: scratch };
  const from = [`installed by ${slashed(join(source.packaging.source, 'Gemfile.lock'))}`];
  const files = findFiles(scratch, rules).files.map(({ path, file }) => ({ path, content: { file }, from }));
  return forRuntime(source, files);
}

/** Bundler installs for the Ruby that runs it; Lambda's looks only into the folder of its own version. Native gems fit one version.
 * https://docs.aws.amazon.com/lambda/latest/dg/ruby-package.html */
function forRuntime(source: FunctionSource, files: readonly ArtifactFile[]): Gems {
  const wanted = `${source.runtime.slice('ruby'.length)}.0`;
  const folder = /^vendor\/bundle\/ruby\/([^/]+)\//;
  const other = files
    .map(({ path }) => folder.exec(path)?.[1])
    .find((version) => version !== undefined && version !== wanted);
  if (other === undefined) return { files };
  const native = files.find(({ path }) => /\.(so|bundle)$/.test(path));
  if (native === undefined) {
    return {
      files: files.map((file) => ({ ...file, path: file.path.replace(folder, `vendor/bundle/ruby/${wanted}/`) })),
    };
  }
  const gem = /\/(?:gems|extensions\/[^/]+\/[^/]+)\/([^/]+)\//.exec(native.path)?.[1] ?? native.path;
  const problem = {
    at: source.at,
    message: `the function "${source.name}" runs on ${source.runtime}, but the native code of ${gem} was built here for Ruby ${other}`,
    hint: `build it with Ruby ${wanted.replace(/\.0$/, '')}, or set \`runtime: ruby${other.replace(/\.0$/, '')}\` if Lambda has that`,
  };
  return { files: [], problem: { built: [], problems: [problem] } };
}

/** `dir/lambda.handler` or `lambda.Module::Class.handler` → dir/lambda.rb */
function missingHandler({ handler, handlerAt, name, packaging }: FunctionSource, folder: string): Problem | undefined {
  const module = `${handler.slice(0, handler.lastIndexOf('/') + 1)}${handler.slice(handler.lastIndexOf('/') + 1).split('.')[0]}`;
  if (existsSync(join(folder, `${module}.rb`))) return undefined;
  const shown = slashed(join(packaging.source, `${module}.rb`));
  const there = existsSync(dirname(join(folder, module))) ? '' : `, nor its folder`;
  return { at: handlerAt, message: `the function "${name}" has no file ${shown}${there}` };
}
