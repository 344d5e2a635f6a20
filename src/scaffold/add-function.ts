// Adds a function to the project.yml above a folder, and writes its code.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, relative } from 'node:path';
import type { Tags } from 'yaml';
import { FxError, type Problem, problemKey } from '../base/error.ts';
import { valueAt } from '../base/located.ts';
import { replaceFile, temporaryName } from '../base/replace-file.ts';
import { readAll } from '../base/schema.ts';
import { parseLocated } from '../base/yaml.ts';
import { intrinsicTags } from '../cfn/intrinsic-tags.ts';
import { localEnvironment } from '../project/environment.ts';
import { findProject } from '../project/find.ts';
import { eventSchema } from '../project/function-schema.ts';
import { loadProject } from '../project/load.ts';
import { invalid } from '../project/read-file.ts';
import { functionNameRule } from '../project/schema.ts';
import { readSources, type Sources } from '../project/sources.ts';
import { codeOf } from './function-code.ts';
import { insertFunction } from './insert-function.ts';

export interface FunctionRequest {
  /** A folder of the project. */
  readonly folder: string;
  /** The project file, if named. */
  readonly file?: string;
  readonly name: string;
  /** YAML, such as `http: GET /orders`. */
  readonly events: readonly string[];
  readonly language?: string | undefined;
  readonly runtime?: string | undefined;
  readonly handler?: string | undefined;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly shownFrom: string;
  readonly today: Date;
}

export interface AddedFunction {
  readonly file: string;
  readonly line: number;
  /** What was written, relative to the project's folder. */
  readonly files: readonly string[];
}

/** Throws USAGE and PROJECT_INVALID; then nothing is written. */
export async function addFunction(request: FunctionRequest): Promise<AddedFunction> {
  const { name, events, variables, shownFrom } = request;
  const project = await findProject(request.folder, request.file);
  const ending = extname(project.file);
  if (ending !== '.yml' && ending !== '.yaml') {
    throw new FxError('USAGE', `${basename(project.file)} is no YAML, so fx adds no function to it`, {
      hint: 'add it by hand',
    });
  }
  checkName(name);
  const reading = { environment: localEnvironment, variables, shownFrom };
  const sources = await readSources(project, reading, { withPlugins: true });
  const existing = valueAt(sources.merged, ['functions', name]);
  if (existing !== undefined) {
    throw new FxError(
      'ALREADY_EXISTS',
      `there is a function "${name}" already, at ${existing.at.file}:${existing.at.line}`,
      {
        hint: 'nothing was written; choose another name',
      },
    );
  }
  const kinds = checkEvents(events, sources);
  const code = codeOf(request, sources, kinds);
  const text = await readFile(project.file, 'utf8');
  const inserted = insertFunction(text, { name, settings: code.settings, events });
  if (inserted === undefined) {
    throw new FxError(
      'USAGE',
      `${relative(shownFrom, project.file)} writes \`functions\` in a way that fx adds nothing to`,
      {
        hint: 'add the function by hand, or write functions as a map, one below the other',
      },
    );
  }
  const files = Object.entries(code.files).filter(([path]) => !existsSync(join(project.folder, path)));
  const written: string[] = [];
  try {
    for (const [path, content] of files) {
      await mkdir(dirname(join(project.folder, path)), { recursive: true });
      await writeFile(join(project.folder, path), content, { flag: 'wx' });
      written.push(path);
    }
    await check(request, { file: project.file, text: inserted.text });
    replaceFile(project.file, inserted.text);
  } catch (error) {
    await Promise.all(written.map((path) => rm(join(project.folder, path), { force: true })));
    throw error;
  }
  return { file: project.file, line: inserted.line, files: written };
}

function checkName(name: string): void {
  if (functionNameRule.pattern.test(name)) return;
  throw new FxError('USAGE', `expected ${functionNameRule.expected}, found ${JSON.stringify(name)}`);
}

/** The kinds of the events. Throws PROJECT_INVALID with what the schema says. */
function checkEvents(events: readonly string[], { plugins }: Sources): readonly string[] {
  const problems: Problem[] = [];
  const kinds: string[] = [];
  for (const text of events) {
    const parsed = parseLocated(text, '--event', intrinsicTags as Tags);
    problems.push(...parsed.problems);
    if (parsed.problems.length > 0) continue;
    const { value, problems: wrong } = readAll(eventSchema(plugins.sources), parsed.value);
    problems.push(...wrong);
    if (value !== undefined) kinds.push(value.kind);
  }
  if (problems.length > 0) throw invalid(problems, '--event');
  return kinds;
}

/** Reports what is wrong with the project only since the function is in it: a route that another function has, say. */
async function check(
  request: FunctionRequest,
  { file, text }: { readonly file: string; readonly text: string },
): Promise<void> {
  const problemsOf = async (path: string): Promise<readonly Problem[]> => {
    try {
      await loadProject({ ...request, file: path, environment: localEnvironment });
      return [];
    } catch (error) {
      if (error instanceof FxError && error.code === 'PROJECT_INVALID') return error.problems;
      // what the environment lacks, such as a variable, says nothing about the function
      return [];
    }
  };
  const trial = temporaryName(file).replace(/\.tmp$/, extname(file));
  const before = new Set((await problemsOf(file)).map(({ message }) => message));
  try {
    await writeFile(trial, text, { flag: 'wx' });
    const shown = (path: string) =>
      path === relative(request.shownFrom, trial) ? relative(request.shownFrom, file) : path;
    const added = (await problemsOf(trial))
      .filter(({ message }) => !before.has(message))
      .map((problem) => ({ ...problem, at: { ...problem.at, file: shown(problem.at.file) } }));
    const unique = new Map(added.map((problem) => [problemKey(problem), problem]));
    if (unique.size > 0)
      throw invalid([...unique.values()], `${relative(request.shownFrom, file)} with "${request.name}"`);
  } finally {
    await rm(trial, { force: true });
  }
}
