// Reads the definitions of state machines: names of functions and `${…}` become substitutions, and everything that AWS would refuse is
// reported at its line.
import { join } from 'node:path';
import type { Problem, Span } from '../base/error.ts';
import { type Located, type Plain, placeOf, toPlain } from '../base/located.ts';
import { nearest } from '../base/suggest.ts';
import { functionIds, pascalCase } from '../cfn/names.ts';
import { attribute, ref, type Value } from '../cfn/resource.ts';
import { checkDefinition, type Fields, isFields } from '../cfn/states-definition.ts';
import type { Permission } from './permissions.ts';
import type { Project } from './project.ts';
import { type Reading, readProjectFile } from './read-file.ts';
import type { StateMachineFile } from './state-machines.ts';

export interface StateMachineSettings {
  readonly name: string;
  readonly type: 'standard' | 'express';
  /** With `${Name}` where a value of the stack goes. */
  readonly definition: Fields;
  readonly substitutions: ReadonlyMap<string, Substitution>;
  readonly logging: StateMachineFile['logging'];
  readonly tracing: boolean;
  readonly permissions: readonly Permission[];
  readonly at: Span;
  /** Where a value of the definition is. */
  place(path: readonly (string | number)[]): Span;
}

export interface Substitution {
  readonly value: Value;
  /** What it names. */
  readonly target:
    | { readonly kind: 'function'; readonly name: string }
    | { readonly kind: 'stateMachine'; readonly name: string }
    | { readonly kind: 'resource'; readonly id: string }
    | { readonly kind: 'pseudo' };
}

export const stateMachineIds = (name: string) => {
  const id = `${pascalCase(name)}StateMachine`;
  return { machine: id, role: `${id}Role`, logGroup: `${id}LogGroup`, version: `${id}Version`, alias: `${id}Alias` };
};

type Names = Pick<Project, 'functions' | 'folder' | 'resources'>;

/** The machines whose definitions could be read, and the problems of all. */
export async function readStateMachines(
  project: Names,
  files: ReadonlyMap<string, StateMachineFile> | undefined,
  reading: Reading,
): Promise<{ readonly machines: readonly StateMachineSettings[]; readonly problems: readonly Problem[] }> {
  const problems: Problem[] = [];
  const machines: StateMachineSettings[] = [];
  const names = [...(files ?? new Map<string, StateMachineFile>()).keys()];
  for (const [name, file] of files ?? []) {
    const located = await readDefinition(project.folder, file, reading, problems);
    if (located === undefined) continue;
    const resolving = new Resolving(project, names, located, problems);
    const definition = resolving.value(toPlain(located), []) as unknown as Fields;
    const type = file.type ?? 'standard';
    // after what was found here, AWS's findings would be consequences
    if (!resolving.hasProblems) {
      problems.push(...(await findings(definition, resolving.substitutions, type, located)));
    }
    machines.push({
      ...{ name, type, definition, substitutions: resolving.substitutions, logging: file.logging },
      ...{ tracing: file.tracing ?? false, permissions: file.permissions ?? [], at: file.definition.at },
      place: (path) => placeOf(located, path),
    });
  }
  return { machines, problems };
}

async function readDefinition(
  folder: string,
  { definition: { value: path, at } }: StateMachineFile,
  reading: Reading,
  problems: Problem[],
): Promise<Located | undefined> {
  try {
    return await readProjectFile(join(folder, path), reading, 'StartAt: First');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    problems.push({ at, message: `there is no file "${path}"`, hint: 'it has the definition of the state machine' });
    return undefined;
  }
}

async function findings(
  definition: Fields,
  substitutions: ReadonlyMap<string, Substitution>,
  type: 'standard' | 'express',
  located: Located,
): Promise<readonly Problem[]> {
  const text = JSON.stringify(definition).replace(/\$\{(\w+)\}/g, (found, key: string) =>
    substitutions.has(key) ? 'arn:aws:lambda:us-east-1:111122223333:function:f' : found,
  );
  const { default: jsonata } = text.includes('{%') ? await import('jsonata') : { default: undefined };
  const expressionProblem = (expression: string): string | undefined => {
    try {
      jsonata?.(expression);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const found = checkDefinition(JSON.parse(text), {
    type: type === 'express' ? 'EXPRESS' : 'STANDARD',
    expressionProblem,
  });
  return found.map(({ message, path }) => ({ at: placeOf(located, path), message }));
}

class Resolving {
  readonly substitutions = new Map<string, Substitution>();
  readonly #project: Names;
  readonly #machines: readonly string[];
  readonly #located: Located;
  readonly #problems: Problem[];
  hasProblems = false;

  constructor(project: Names, machines: readonly string[], located: Located, problems: Problem[]) {
    this.#project = project;
    this.#machines = machines;
    this.#located = located;
    this.#problems = problems;
  }

  value(value: Plain, path: readonly (string | number)[]): Plain {
    if (Array.isArray(value)) return value.map((item: Plain, index) => this.value(item, [...path, index]));
    if (typeof value === 'string') return this.#text(value, path);
    if (!isFields(value)) return value;
    const [only, ...others] = Object.entries(value);
    if (only !== undefined && others.length === 0 && (only[0] === 'Ref' || only[0] === 'Fn::GetAtt')) {
      return this.#placeholder([only[1]].flat().join('.'), path);
    }
    const fields = Object.entries(value).map(([key, item]) => [key, this.value(item as Plain, [...path, key])]);
    return Object.fromEntries(fields) as Plain;
  }

  #text(text: string, path: readonly (string | number)[]): Plain {
    const key = path.at(-1);
    const isFunction = key === 'FunctionName' || (key === 'Resource' && this.#isTask(path));
    if (isFunction && !text.includes(':') && !text.includes('${') && !text.startsWith('{%')) {
      return this.#function(text, path);
    }
    return text.replace(/\$\{([A-Za-z][\w.:-]*)\}/g, (_, name: string) => this.#placeholder(name, path));
  }

  /** Whether the path leads to the resource of a state, and not into its data. */
  #isTask(path: readonly (string | number)[]): boolean {
    return path.at(-3) === 'States';
  }

  #function(name: string, path: readonly (string | number)[]): string {
    const known = this.#project.functions.map((one) => one.name);
    if (known.includes(name)) return this.#placeholder(name, path);
    const suggestion = nearest(name, known);
    this.#report(path, `there is no function "${name}"`, suggestion, 'name a function of the project, or give an ARN');
    return name;
  }

  /** A function by its name, a state machine by its name, a resource by its logical id, or an attribute of it. */
  #placeholder(name: string, path: readonly (string | number)[]): string {
    const found = this.#substitution(name);
    if (found === undefined) {
      const [id = ''] = name.split('.');
      const known = [...this.#project.functions.map((one) => one.name), ...this.#project.resources.keys()];
      const suggestion = nearest(id, known);
      const hint = 'name a function, a state machine, or a resource of the project; ${Queue.Arn} is an attribute';
      this.#report(path, `there is no function or resource "${id}"`, suggestion, hint);
      return name;
    }
    const key = name.replace(/[^A-Za-z0-9]/g, '_');
    this.substitutions.set(key, found);
    return `\${${key}}`;
  }

  #substitution(name: string): Substitution | undefined {
    if (/^AWS::(AccountId|Partition|Region|StackName|URLSuffix)$/.test(name)) {
      return { value: ref(name), target: { kind: 'pseudo' } };
    }
    if (this.#project.functions.some((one) => one.name === name)) {
      return { value: ref(functionIds(name).alias), target: { kind: 'function', name } };
    }
    if (this.#machines.includes(name)) {
      return { value: ref(stateMachineIds(name).alias), target: { kind: 'stateMachine', name } };
    }
    const [id = '', ...rest] = name.split('.');
    if (!this.#project.resources.has(id)) return undefined;
    const value = rest.length === 0 ? ref(id) : attribute(id, rest.join('.'));
    return { value, target: { kind: 'resource', id } };
  }

  #report(path: readonly (string | number)[], message: string, suggestion: string | undefined, otherwise: string) {
    this.hasProblems = true;
    const hint = suggestion === undefined ? otherwise : `did you mean "${suggestion}"?`;
    this.#problems.push({ at: placeOf(this.#located, path), message, hint });
  }
}
