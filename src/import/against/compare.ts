// Compares what two templates mean, and says how they differ.
import { readFileSync } from 'node:fs';
import { FxError } from '../../base/error.ts';
import { runtimeIdentifiers } from '../../runtimes/index.ts';
import { meaningOf } from './model.ts';
import type { Place, TemplateData } from './values.ts';

export interface MeaningDifference {
  /** The function or the resource. */
  readonly of: string;
  /** The setting, `variable X`, `right`, `trigger` or `resource`. */
  readonly what: string;
  /** In the template of the other tool; absent if only fx has it. */
  readonly theirs: string | undefined;
  /** In the template of fx; absent if only the other has it. */
  readonly ours: string | undefined;
  /** Whether it had to be: the runtime is one that fx does not build for. */
  readonly expected: boolean;
}

/** The packaged template of the other tool. Throws USAGE if it is none. */
export function readTemplate(file: string, shown: string): TemplateData {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as TemplateData;
    if (typeof value?.Resources === 'object') return value;
  } catch (error) {
    throw new FxError('USAGE', `${shown} is no template in JSON: ${(error as Error).message.split('\n')[0]}`, {
      hint: 'name what the other tool packages, such as .serverless/cloudformation-template-update-stack.json',
    });
  }
  throw new FxError('USAGE', `${shown} has no Resources`, { hint: 'name a template of CloudFormation in JSON' });
}

export function compareTemplates(theirs: TemplateData, ours: TemplateData, place: Place): readonly MeaningDifference[] {
  const [a, b] = [meaningOf(theirs, place), meaningOf(ours, place)];
  const differences: MeaningDifference[] = [];
  const add = (of: string, what: string, left: string | undefined, right: string | undefined, expected = false) =>
    differences.push({ of, what, theirs: left, ours: right, expected });
  for (const name of new Set([...a.functions.keys(), ...b.functions.keys()])) {
    const [left, right] = [a.functions.get(name), b.functions.get(name)];
    if (left === undefined || right === undefined) {
      add(name, 'function', left === undefined ? undefined : 'there', right === undefined ? undefined : 'there');
      continue;
    }
    for (const key of Object.keys(left.settings)) {
      const [before, after] = [left.settings[key] ?? '', right.settings[key] ?? ''];
      if (before === after || (key === 'Handler' && sameHandler(before, after))) continue;
      add(name, key, before, after, key === 'Runtime' && !runtimeIdentifiers.includes(before));
    }
    for (const key of new Set([...Object.keys(left.variables), ...Object.keys(right.variables)])) {
      if (left.variables[key] !== right.variables[key])
        add(name, `variable ${key}`, left.variables[key], right.variables[key]);
    }
    for (const [what, before, after] of [
      ['right', left.rights, right.rights],
      ['trigger', left.triggers, right.triggers],
    ] as const) {
      for (const text of before) if (!after.has(text)) add(name, what, text, undefined);
      for (const text of after) if (!before.has(text)) add(name, what, undefined, text);
    }
  }
  for (const what of new Set([...a.resources.keys(), ...b.resources.keys()])) {
    const [left, right] = [a.resources.get(what), b.resources.get(what)];
    if (left !== right) add(what, 'resource', left, right);
  }
  return differences;
}

/** fx bundles a handler to a file of the same name. */
const sameHandler = (before: string, after: string) => before.replace(/^\.\//, '') === after.replace(/^\.\//, '');
