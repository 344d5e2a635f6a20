// Checks a draft as `fx validate` would, without the code of its functions. What fx would refuse is taken out of the draft and
// reported at its place in the source, until the rest is valid.
import { existsSync } from 'node:fs';
import { readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Lookups } from '../aws/aws.ts';
import { FxError, type Problem } from '../base/error.ts';
import type { Located } from '../base/located.ts';
import { temporaryFolder } from '../base/temporary-folder.ts';
import { parseLocated } from '../base/yaml.ts';
import { intrinsicTags } from '../cfn/intrinsic-tags.ts';
import type { Recipe } from '../cfn/recipe.ts';
import type { ResourceSchemas } from '../cfn/resource-schema.ts';
import { type LoadOptions, loadProject } from '../project/load.ts';
import type { Project } from '../project/project.ts';
import { type Compiled, compile } from '../template/compile.ts';
import type { Draft, Path, Tree } from './draft.ts';
import { written } from './lookup-text.ts';
import { unitOf } from './unit.ts';
import { writeDraft } from './write.ts';

export interface CheckOptions {
  /** The folder of the source, whose files may tell what a function is. */
  readonly folder: string;
  readonly schemas: ResourceSchemas;
  readonly today: Date;
  /** Default: lookups have any value, as do variables of the shell. */
  readonly connect?: LoadOptions['connect'];
  readonly variables?: LoadOptions['variables'];
}

export interface Checked {
  /** The template of the local environment; undefined if the project has nothing to deploy. */
  readonly compiled: Compiled | undefined;
  readonly project: Project | undefined;
  /** Code that stands for what a build would give. */
  readonly recipe: Recipe | undefined;
}

/** The rounds end long before: each takes something out. */
const mostRounds = 200;
const at = { file: '', line: 1, column: 1, length: 1 };

/** Takes out of the draft what is not valid. */
export async function repair(draft: Draft, options: CheckOptions): Promise<Checked> {
  const environments = ['local', ...Object.keys((draft.root['environments'] as object | undefined) ?? {})];
  let result: Checked = { compiled: undefined, project: undefined, recipe: undefined };
  for (const environment of new Set(environments)) {
    for (let round = 0; round < mostRounds; round++) {
      const text = writeDraft(draft, '');
      const outcome = await compileText(text, environment, options);
      if ('compiled' in outcome) {
        if (environment === 'local') result = outcome;
        break;
      }
      // from the end, since what follows in a list moves up
      const gone = new Set<string | undefined>();
      const removed = lastFirst(outcome.problems).filter((problem) => takeOut(draft, text, problem, gone));
      if (removed.length > 0) continue;
      const [first] = outcome.problems;
      const message = first?.message ?? 'the project is not valid';
      draft.dropped({ path: 'service', at: placeOfAll(draft) }, message, {
        remedy: first?.hint ?? 'change project.yml by hand',
      });
      break;
    }
  }
  return result;
}

/** One problem for each place, the last place first. */
function lastFirst(problems: readonly Problem[]): readonly Problem[] {
  const byPlace = new Map(problems.map((problem) => [`${problem.at.line}:${problem.at.column}`, problem]));
  return [...byPlace.values()].sort((a, b) => b.at.line - a.at.line || b.at.column - a.at.column);
}

const placeOfAll = (draft: Draft) => draft.placeOf(['name'])?.at ?? at;

type Outcome = Checked | { readonly problems: readonly Problem[] };

/** The project of a text, compiled with code that stands for what a build would give. */
export async function compileText(text: string, environment: string, options: CheckOptions): Promise<Outcome> {
  const folder = temporaryFolder('fx-import-');
  try {
    await linkFiles(options.folder, folder.path);
    await writeFile(join(folder.path, 'project.yml'), text);
    const project = await loadProject({
      folder: folder.path,
      environment,
      variables: { ...variablesIn(text), ...options.variables },
      shownFrom: folder.path,
      today: options.today,
      connect: options.connect ?? (async () => anyLookups),
    });
    const recipe = recipeOf(project);
    return { compiled: compile({ project, recipe, schemas: options.schemas }), project, recipe };
  } catch (error) {
    if (!(error instanceof FxError) || error.problems.length === 0) throw error;
    return { problems: error.problems };
  } finally {
    await folder.remove();
  }
}

/** What fx looks at to tell how a function is built. */
async function linkFiles(from: string, to: string): Promise<void> {
  if (!existsSync(from)) return;
  for (const entry of await readdir(from)) {
    if (/^(project\..*yml|fx\.workspace\.yml|\.env.*|node_modules|\.git)$/.test(entry)) continue;
    await symlink(join(from, entry), join(to, entry)).catch(() => undefined);
  }
}

/** Values for what the shell must have. */
function variablesIn(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/\$\{var\.(\w+)\}/g)].map(([, name]) => [name, 'value']));
}

const anyLookups: Lookups = {
  account: async () => '111122223333',
  parameter: async () => ({ type: 'String', value: 'value' }),
  stackOutputs: async () => new Proxy({}, { get: () => 'value' }) as Readonly<Record<string, string>>,
  object: async () => 'value',
  hostedZones: async () => ['Z0123456789ABCDEFGHIJ'],
};

/** Code for every function and layer, as a build would give it. */
function recipeOf(project: Project): Recipe {
  const codeOf = (name: string, handler: string) => ({ key: `code-of-${name}`, handler, variables: {} });
  return {
    functions: new Map(
      project.functions.map(({ name, handler, image }) => [
        name,
        image?.build === undefined ? codeOf(name, handler) : { ...codeOf(name, ''), imageTag: 'image' },
      ]),
    ),
    layers: new Map(project.layers.map(({ name }) => [name, codeOf(name, '')])),
    ...(project.site === undefined ? {} : { site: 'content-of-the-site' }),
  };
}

/** Whether something could be taken out.
 * @param gone the resources to which a reference has been taken out: other functions had a problem with the same one */
function takeOut(draft: Draft, text: string, problem: Problem, gone: Set<string | undefined>): boolean {
  const parsed = parseLocated(text, 'project.yml', [...intrinsicTags]);
  const path = pathAt(parsed.value, problem);
  const reference = referring(draft, path, problem) ?? tooLong(draft, path, problem);
  const id = missingIn(problem.message);
  if (reference === undefined && id !== undefined && gone.has(id)) return false;
  gone.add(id);
  const unit = reference ?? (path === undefined ? undefined : unitOf(path, problem));
  if (unit === undefined) return false;
  const place = draft.placeOf(unit) ?? { path: unit.join('.'), at: placeOfAll(draft) };
  const value = draft.get(unit);
  if (value === undefined) return false;
  const shown = unit.filter((step) => typeof step === 'string').join('.');
  draft.remove(unit);
  const beside = unit.length > 1 ? commentPlace(draft, unit) : ['name'];
  const own = unit[0] === 'resources' ? `${String(unit[1])}, ` : '';
  const bare = problem.message.replace(/ \([\w.]+\)$/, '');
  const message = own !== '' && bare.startsWith(own) ? bare : `${shown}: ${bare}`;
  const hint = problem.hint === undefined || problem.hint.length > 160 ? undefined : problem.hint;
  draft.dropped(place, message, { remedy: hint ?? remedyFor(problem.message) });
  draft.comment(beside, `Not carried over: ${message}\n${shortYaml(unit, value)}`);
  return true;
}

/** The resource that is not there, or has not what is asked of it. */
function missingIn(message: string): string | undefined {
  const missing = /there is no resource "(\w+)"|^"(\w+)" has no attribute/.exec(message);
  return missing?.[1] ?? missing?.[2];
}

/** What to do where fx itself has no hint. */
function remedyFor(message: string): string {
  const id = missingIn(message);
  return id === undefined
    ? 'write it by hand; the comment in project.yml has what it was'
    : `write ${id} under resources, then this as the comment in project.yml has it`;
}

/** The setting of a function, or of all, that refers to what does not exist: its role would be blamed for it. */
function referring(draft: Draft, path: Path | undefined, { message }: Problem): Path | undefined {
  const isAlone = /there is no resource "\w+"$|^"\w+" has no attribute/.test(message);
  const id = isAlone ? missingIn(message) : undefined;
  const section = path?.[0];
  if (id === undefined || section === 'resources' || section === 'outputs' || section === 'extend') return undefined;
  const refers = (value: Tree | undefined): boolean =>
    new RegExp(
      `"Ref":"${id}"|"Fn::GetAtt":\\["${id}"|"Fn::GetAtt":"${id}\\.|\\$\\{${id}[.}]|(^|[^A-Za-z0-9])${id}([^A-Za-z0-9]|$)`,
    ).test(JSON.stringify(value) ?? '');
  const own = section === 'functions' && path?.[1] !== undefined ? [['functions', path[1]]] : [];
  for (const holder of [...own, ['defaults']]) {
    const settings = draft.get(holder);
    if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) continue;
    for (const [key, value] of Object.entries(settings)) {
      if (!refers(value)) continue;
      if (Array.isArray(value)) {
        const index = value.findIndex(refers);
        return [...holder, key, index];
      }
      if (key === 'variables' && typeof value === 'object' && value !== null) {
        const name = Object.keys(value).find((each) => refers((value as { [key: string]: Tree })[each]));
        if (name !== undefined) return [...holder, key, name];
      }
      return [...holder, key];
    }
  }
  return undefined;
}

/** The permissions whose policy IAM would not take; the function can do without. */
function tooLong(draft: Draft, path: Path | undefined, { message }: Problem): Path | undefined {
  if (path?.[0] !== 'functions' || !/^the policy of .* characters; IAM/.test(message)) return undefined;
  return [path.slice(0, 2), ['defaults']].map((holder) => [...holder, 'permissions']).find((each) => draft.has(each));
}

/** Beside the nearest value that is still there. */
function commentPlace(draft: Draft, unit: Path): Path {
  for (let length = unit.length - 1; length > 0; length--) {
    const path = unit.slice(0, length);
    const value = draft.get(path);
    const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
    if (value !== undefined && !Array.isArray(value) && !(isEmpty && length === 1)) return path;
  }
  return ['name'];
}

const mostLines = 15;
function shortYaml(unit: Path, value: Tree): string {
  const key = unit.findLast((step) => typeof step === 'string') ?? 'value';
  const isItem = typeof unit.at(-1) === 'number';
  const lines = stringify({ [key]: isItem ? [plainTexts(value)] : plainTexts(value) }, { lineWidth: 100 })
    .trimEnd()
    .split('\n');
  return (lines.length > mostLines ? [...lines.slice(0, mostLines), '…'] : lines).map((line) => `  ${line}`).join('\n');
}

function plainTexts(value: Tree): Tree {
  if (typeof value === 'string') return written(value);
  if (Array.isArray(value)) return value.map(plainTexts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainTexts(item)]));
}

/** The path of the value or key that a problem is about. */
function pathAt(root: Located, problem: Problem): Path | undefined {
  const { line, column } = problem.at;
  const isHere = (span: { line: number; column: number }) => span.line === line && span.column === column;
  let found: Path | undefined;
  const walk = (value: Located, path: Path): void => {
    if (value.kind === 'map') {
      for (const [key, entry] of value.entries) {
        const below = [...path, key];
        if (isHere(entry.keyAt) || isHere(entry.value.at)) found = below;
        walk(entry.value, below);
      }
    } else if (value.kind === 'list') {
      for (const [index, item] of value.items.entries()) {
        const below = [...path, index];
        if (isHere(item.at)) found = below;
        walk(item, below);
      }
    }
  };
  walk(root, []);
  return found;
}
