// The templates that fx brings along: what each is, and how its files and those that all share become a project.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { FxError } from '../base/error.ts';
import { packageFolder } from '../base/packaged.ts';
import { nearest } from '../base/suggest.ts';
import { factsOf, type Language, type LanguageFacts, languages, type PackageManager, type Step } from './languages.ts';
import { ownPackage } from './own-package.ts';
import { filesOfFolder, type TemplateFile, type TemplateFiles } from './template-files.ts';

/** What calls the function of a template: the answer to the question of `fx init`. */
export const triggers = {
  http: 'requests to an HTTP API',
  rest: 'requests to a REST API, after an authorizer',
  queue: 'messages of a queue',
  schedule: 'a schedule',
  table: 'changes of a DynamoDB table',
  bucket: 'files uploaded to S3',
  websocket: 'messages over a WebSocket',
  bus: 'events of an event bus',
  workflow: 'the steps of a workflow',
  image: 'requests, in a container image',
  monorepo: 'several services with shared code',
  architecture: 'a site, an API and a database in a network',
} as const;

export type Trigger = keyof typeof triggers;

/** template.yml */
interface Manifest {
  readonly about: string;
  readonly trigger: Trigger;
  readonly language: Language;
  /** A line of a shell for the workflow that removes an environment, with the outputs of the stack as variables. */
  readonly beforeRemove?: string;
}

export interface Template extends Manifest {
  readonly name: string;
}

export const defaultTemplate = 'http-typescript';
const manifestName = 'template.yml';
const templatesFolder = () => join(packageFolder(), 'templates');

/** All templates: by trigger and language, in the order of the questions. */
export async function listTemplates(): Promise<readonly Template[]> {
  const names = (await readdir(templatesFolder())).filter((name) => !name.startsWith('_'));
  const read = names.map(async (name): Promise<Template> => {
    const text = await readFile(join(templatesFolder(), name, manifestName), 'utf8');
    return { name, ...(parse(text) as Manifest) };
  });
  const order = (template: Template) =>
    Object.keys(triggers).indexOf(template.trigger) * 100 + Object.keys(languages).indexOf(template.language);
  return (await Promise.all(read)).sort((a, b) => order(a) - order(b));
}

/** Whether it is one of fx's in JavaScript or TypeScript. */
export const usesNode = (template: object): boolean =>
  'language' in template && languages[(template as Template).language].shared !== undefined;

/** Throws USAGE, with the nearest name or all of them. */
export function templateNamed(name: string, templates: readonly Template[]): Template {
  const found = templates.find((template) => template.name === name);
  if (found !== undefined) return found;
  const names = templates.map((template) => template.name);
  const suggestion = nearest(name, names);
  throw new FxError('USAGE', `there is no template "${name}"`, {
    hint:
      suggestion === undefined
        ? `templates are ${names.join(', ')}; a folder begins with ./, a repository is owner/repo`
        : `did you mean "${suggestion}"?`,
  });
}

/** Throws USAGE if no template has this trigger in this language. */
export function templateFor(
  wanted: { readonly trigger?: string | undefined; readonly language?: string | undefined },
  templates: readonly Template[],
): Template {
  const { trigger = 'http', language } = wanted;
  const fitting = templates.filter((template) => template.trigger === trigger);
  if (fitting.length === 0) {
    throw new FxError('USAGE', `"${trigger}" is no trigger of a template`, {
      hint: `triggers are ${[...new Set(templates.map((template) => template.trigger))].join(', ')}`,
    });
  }
  if (language !== undefined && !Object.hasOwn(languages, language)) {
    const names = Object.keys(languages);
    throw new FxError('USAGE', `"${language}" is no language of a template`, {
      hint: `languages are ${names.join(', ')}`,
    });
  }
  const found = fitting.find((template) => template.language === (language ?? 'typescript')) ?? undefined;
  if (found !== undefined) return found;
  const [first] = fitting;
  if (language === undefined && first !== undefined) return first;
  throw new FxError('USAGE', `no template with the trigger "${trigger}" is in ${language}`, {
    hint: `it is in ${fitting.map((template) => template.language).join(', ')}; the language of a function added with \`fx init function\` is free`,
  });
}

/** The files of a template with the shared ones, and the words that stand for what is chosen. */
export async function filesOfTemplate(
  { name, language, beforeRemove }: Template,
  chosen: { readonly packageManager?: PackageManager | undefined; readonly version: string },
): Promise<{ readonly files: TemplateFiles; readonly facts: LanguageFacts }> {
  const facts = factsOf(language, chosen.packageManager);
  const own = await filesOfFolder(join(templatesFolder(), name), name);
  const shared = facts.shared === undefined ? undefined : join(templatesFolder(), '_shared', facts.shared);
  const layers = [
    await filesOfFolder(join(templatesFolder(), '_shared/all'), name),
    ...(shared === undefined ? [] : [await filesOfFolder(shared, name)]),
    own,
  ];
  const files = new Map<string, TemplateFile>();
  for (const layer of layers) for (const [path, file] of layer) files.set(path, joined(path, files.get(path), file));
  files.delete(manifestName);
  const words: Readonly<Record<string, string>> = {
    'fx-install-command': facts.install ?? '',
    'fx-test-command': facts.test,
    'fx-version-number': chosen.version,
    'fx-package-source': ownPackage(),
    'fx-ignored-lines': facts.ignored.join('\n'),
    '      - fx-setup-steps': stepsText([
      ...facts.steps,
      ...(facts.install === undefined ? [] : [{ run: facts.install }]),
    ]),
    '      - fx-before-remove-steps': stepsText(beforeRemove === undefined ? [] : [emptying(beforeRemove)]),
    'fx-prepare-lines': [...(facts.install === undefined ? [] : [`    ${facts.install}`]), `    ${facts.test}`].join(
      '\n',
    ),
  };
  return { files: new Map([...files].map(([path, file]) => [path, withWords(file, words)])), facts };
}

/** README.md begins with the template's own part; JSON is merged, what is the template's own wins; other files replace. */
function joined(path: string, below: TemplateFile | undefined, above: TemplateFile): TemplateFile {
  if (below === undefined) return above;
  const [first, second] = [below.bytes.toString(), above.bytes.toString()];
  if (path === 'README.md') return { ...above, bytes: Buffer.from(`${second}\n${first}`) };
  if (path === 'gitignore') return { ...above, bytes: Buffer.from(`${first}${second}`) };
  if (path.endsWith('.json')) {
    const merged = merge(JSON.parse(first), JSON.parse(second));
    return { ...above, bytes: Buffer.from(`${JSON.stringify(merged, null, 2)}\n`) };
  }
  return above;
}

function merge(below: unknown, above: unknown): unknown {
  if (!isMap(below) || !isMap(above)) return above;
  const result: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) result[key] = merge(below[key], value);
  return result;
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const emptying = (line: string): Step => ({
  run: `fx exec --env pr-\${{ github.event.number }} -- sh -c '${line}'`,
});

/** Steps of a job, two levels deep. */
function stepsText(steps: readonly Step[]): string {
  if (steps.length === 0) return '';
  return stringify(steps, { lineWidth: 0 })
    .trimEnd()
    .split('\n')
    .map((line) => `      ${line}`)
    .join('\n');
}

export function withWords(file: TemplateFile, words: Readonly<Record<string, string>>): TemplateFile {
  if (file.bytes.includes(0)) return file;
  const text = file.bytes.toString();
  // bytes that are no text would change
  if (!Buffer.from(text).equals(file.bytes)) return file;
  const replaced = Object.entries(words).reduce((sum, [word, value]) => {
    // a word alone on its line goes with it
    const line = value === '' ? sum.replaceAll(`${word}\n`, '') : sum;
    return line.replaceAll(word, () => value);
  }, text);
  return { ...file, bytes: Buffer.from(replaced) };
}
