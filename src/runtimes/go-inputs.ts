// The inputs of a Go build: sources of the project's modules and workspace, and what decides which versions of others it uses.
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Input, Tools } from './runtime.ts';
import { runTool, type ToolCall } from './tool.ts';

interface GoPackage {
  readonly ImportPath: string;
  readonly Dir: string;
  readonly Standard?: boolean;
  readonly Module?: { readonly Main?: boolean; readonly GoMod?: string; readonly Replace?: { readonly Path: string } };
  readonly GoFiles?: readonly string[];
  readonly EmbedPatterns?: readonly string[];
  readonly EmbedFiles?: readonly string[];
  readonly SFiles?: readonly string[];
  readonly HFiles?: readonly string[];
  readonly SysoFiles?: readonly string[];
}

export interface GoInputs {
  readonly inputs: readonly Input[];
  /** The import paths of all packages in the program. */
  readonly packages: readonly string[];
}

/** How fx runs go for a function: everything but the arguments. */
export type GoCall = Omit<ToolCall, 'args'>;

/** The sources of this module, of the workspace's, of vendored ones and of modules replaced by folders; go.sum pins all downloads. */
export async function inputsOf(call: GoCall, tags: string, { folder: project }: Tools): Promise<GoInputs> {
  const fields = 'ImportPath,Dir,Standard,Module,GoFiles,EmbedPatterns,EmbedFiles,SFiles,HFiles,SysoFiles';
  const listed = await runTool({ ...call, args: ['list', '-deps', '-tags', tags, `-json=${fields}`, '.'] });
  const packages = parseMany<GoPackage>(listed.stdout).filter(({ Standard }) => Standard !== true);
  const local = packages.filter(({ Dir, Module }) => {
    const isReplaced = Module?.Replace !== undefined && /^[./]/.test(Module.Replace.Path);
    return Module === undefined || Module.Main === true || isReplaced || !relative(project, Dir).startsWith('..');
  });
  const files = local.flatMap(({ Dir, GoFiles = [], EmbedFiles = [], SFiles = [], HFiles = [], SysoFiles = [] }) =>
    [...GoFiles, ...EmbedFiles, ...SFiles, ...HFiles, ...SysoFiles].map((name) => join(Dir, name)),
  );
  const modules = local.flatMap(({ Module }) => Module?.GoMod ?? []);
  const all = [...files, ...pinning([...modules, ...(await workspaceModules(call))], call.folder)];
  const inputs: readonly Input[] = [
    { kind: 'program', name: 'go' },
    ...[...new Set(all)].map((path): Input => ({ kind: 'file', path })),
    ...local.map(({ Dir }): Input => ({ kind: 'names', folder: Dir, prefix: '', ending: '.go' })),
    ...local.flatMap(embeddable),
  ];
  return { inputs, packages: packages.map(({ ImportPath }) => ImportPath) };
}

/** The go.mod files of the workspace: each has a say in the versions, also if the function imports nothing of it. */
async function workspaceModules(call: GoCall): Promise<readonly string[]> {
  const { stdout } = await runTool({ ...call, args: ['list', '-m', '-f', '{{.GoMod}}'] });
  return stdout.split(/\r?\n/).filter((path) => path !== '');
}

/** Files that decide the versions of modules. A workspace file may lie above the repository's folder, or be named by GOWORK. */
function pinning(modules: readonly string[], start: string): readonly string[] {
  const named = process.env['GOWORK'];
  const files = named === undefined || ['', 'off'].includes(named) ? [] : [named, `${named}.sum`];
  for (const file of modules) files.push(file, join(dirname(file), 'go.sum'));
  for (let folder = start; ; folder = dirname(folder)) {
    const names = ['go.mod', 'go.sum', 'go.work', 'go.work.sum', 'vendor/modules.txt'];
    files.push(...names.map((name) => join(folder, name)));
    if (dirname(folder) === folder || existsSync(join(folder, 'go.work'))) return files;
  }
}

/** A new file may match a `//go:embed` pattern, so the file names in these folders are inputs too. */
function embeddable({ Dir, EmbedPatterns = [], EmbedFiles = [] }: GoPackage): readonly Input[] {
  const patterns = EmbedPatterns.map((pattern) => pattern.replace(/^all:/, ''));
  const folders = new Set<string>();
  for (const path of [...EmbedFiles, ...patterns])
    for (let at = dirname(path); at !== '.'; at = dirname(at)) folders.add(at);
  for (const pattern of patterns) folders.add(pattern);
  const below = [...folders].filter((path) => !/[*?[]/.test(path));
  const beside = patterns.filter((pattern) => !pattern.includes('/') && /[*?[]/.test(pattern));
  return [
    ...below.map((path): Input => ({ kind: 'names', folder: join(Dir, path), prefix: '' })),
    ...beside.map((pattern): Input => {
      const [prefix = '', ...rest] = pattern.split(/[*?[]/);
      const ending = /[\]\\]/.test(pattern) ? '' : (rest.at(-1) ?? '');
      return { kind: 'names', folder: Dir, prefix, ending };
    }),
  ];
}

/** A stream of JSON objects, each ended by a brace at the start of a line. */
export function parseMany<T>(text: string): readonly T[] {
  return text
    .split(/^}\n/m)
    .filter((text) => text.trim() !== '')
    .map((text) => JSON.parse(`${text}}`) as T);
}
