// fx config
import { FxError } from '../../base/error.ts';
import { type Located, type Plain, valueAt } from '../../base/located.ts';
import { nearest } from '../../base/suggest.ts';
import {
  type Differing,
  differences,
  type Leaf,
  layerFinder,
  leavesOf,
  shownProject,
  shownValue,
} from '../../project/leaves.ts';
import type { Project } from '../../project/project.ts';
import { command, type Invocation, type NoArguments, type NoOptions } from '../command.ts';
import type { Outputs } from '../outputs.ts';
import { style } from '../render/style.ts';
import { openProject } from '../session.ts';

export const config = command({
  output: 'config',
  needs: 'project',
  args: { path: { about: 'only this part, such as functions.orders', kind: 'optional' } },
  options: {
    origin: { kind: 'flag', about: 'show the file, line and layer that set each value' },
    diff: {
      kind: 'variadic',
      value: 'environments',
      about: 'show how two environments differ; with one, how it differs from --env',
    },
  },
  examples: [
    ['fx config --env prod', 'What prod is made of, as YAML'],
    ['fx config functions.orders --env prod --origin', 'Where each setting of one function comes from'],
    ['fx config --diff staging prod', 'How two environments differ'],
    ['fx config --env prod --json', 'The same for a program'],
  ],
  async run(invocation) {
    const { args, options } = invocation;
    const path = args.path ?? '';
    if (options.diff.length > 0) await showDifference(invocation, { environments: options.diff, path });
    else await showProject(invocation, { path, origin: options.origin });
    return 0;
  },
});

type Configured = Invocation<'project', NoArguments, NoOptions, Outputs['config']>;

interface Shown {
  readonly path: string;
  readonly origin: boolean;
}

async function showProject(invocation: Configured, { path, origin }: Shown): Promise<void> {
  const project = await openProject(invocation);
  const value = partOf(project.merged, path);
  if (origin) {
    const leaves = leavesOf(project).filter((leaf) => isBelow(leaf.path, path));
    const lines = rows(value, { depth: 0, path, origin: originOf(project) });
    const width = Math.max(0, ...lines.filter(({ at }) => at !== '').map(({ text }) => text.length));
    invocation.print(
      lines.map(({ text, at }) => (at === '' ? text : `${text.padEnd(Math.min(width, 60))}  # ${at}`)).join('\n'),
    );
    invocation.result(leaves.map(({ at, ...leaf }) => ({ ...leaf, file: at.file, line: at.line, column: at.column })));
    return;
  }
  invocation.print(
    rows(value, { depth: 0, path, origin: () => '' })
      .map(({ text }) => text)
      .join('\n'),
  );
  invocation.result(shownProject(value, path));
}

function isBelow(leaf: string, path: string): boolean {
  return path === '' || leaf === path || leaf.startsWith(`${path}.`);
}

function partOf(merged: Located, path: string): Located {
  if (path === '') return merged;
  const steps = path.split('.');
  const value = valueAt(merged, steps);
  if (value !== undefined) return value;
  // the first missing step is the wrong one
  const wrong = steps.findIndex((_, index) => valueAt(merged, steps.slice(0, index + 1)) === undefined);
  const above = valueAt(merged, steps.slice(0, wrong));
  const known = above?.kind === 'map' ? [...above.entries.keys()] : [];
  const suggestion = nearest(steps[wrong] ?? '', known);
  const place = wrong === 0 ? 'the project' : `"${steps.slice(0, wrong).join('.')}"`;
  throw new FxError('USAGE', `${place} has no key "${steps[wrong]}"`, {
    hint: suggestion === undefined ? `it has ${known.join(', ') || 'nothing'}` : `did you mean "${suggestion}"?`,
  });
}

interface Row {
  readonly text: string;
  readonly at: string;
}

interface Place {
  readonly depth: number;
  readonly path: string;
  readonly origin: (value: Located) => string;
}

/** `project.yml:12 environments.prod ${params.size}`. */
function originOf(project: Project): (value: Located) => string {
  const layerOf = layerFinder(project);
  return (value) => {
    const { at } = value;
    if (at.file.startsWith('--')) return at.file;
    const layer = layerOf(at);
    const lookup = value.kind === 'scalar' && value.lookup !== undefined ? ` ${value.lookup}` : '';
    return `${at.file}:${at.line}${layer === at.file ? '' : ` ${layer}`}${lookup}`;
  };
}

/** YAML of the value, with the place of each scalar beside it. */
function rows(value: Located, place: Place): Row[] {
  const { depth, path, origin } = place;
  const indent = '  '.repeat(depth);
  if (value.kind === 'scalar') return [{ text: indent + scalarText(shownValue(path, value)), at: origin(value) }];
  if (value.kind === 'list') {
    return value.items.flatMap((item, index) => {
      const [first, ...rest] = rows(item, { ...place, depth: depth + 1, path: `${path}.${index}` });
      if (first === undefined) return [{ text: `${indent}- ${item.kind === 'map' ? '{}' : '[]'}`, at: origin(item) }];
      return [{ text: `${indent}- ${first.text.trimStart()}`, at: first.at }, ...rest];
    });
  }
  return [...value.entries].flatMap(([key, { value: child }]) => {
    const below = rows(child, { ...place, depth: depth + 1, path: path === '' ? key : `${path}.${key}` });
    const [only] = below;
    if (child.kind === 'scalar')
      return [{ text: `${indent}${scalarText(key)}: ${only?.text.trimStart()}`, at: only?.at ?? '' }];
    if (only === undefined)
      return [{ text: `${indent}${scalarText(key)}: ${child.kind === 'map' ? '{}' : '[]'}`, at: origin(child) }];
    return [{ text: `${indent}${scalarText(key)}:`, at: '' }, ...below];
  });
}

/** A scalar that YAML reads back unchanged: plain if safe, else in double quotes as in JSON. */
function scalarText(value: Plain): string {
  if (typeof value !== 'string') return String(value);
  const plain =
    /^[A-Za-z_/$][\w ./${}()*+@:-]*$/.test(value) &&
    !/^(true|false|null|yes|no|on|off|y|n)$/i.test(value) &&
    !/ #|: |:$/.test(value) &&
    value === value.trim();
  return plain || /^\d+[smhd]$/.test(value) ? value : JSON.stringify(value);
}

interface Compared {
  readonly environments: readonly string[];
  readonly path: string;
}

async function showDifference(invocation: Configured, { environments, path }: Compared): Promise<void> {
  if (environments.length > 2) throw new FxError('USAGE', `--diff takes two environments, not ${environments.length}`);
  const second = await openProject(invocation, environments.at(-1));
  const first =
    environments.length === 2 ? await openProject(invocation, environments[0]) : await openProject(invocation);
  const changes = differences(first, second).filter((differing) => isBelow(differing.path, path));
  const { red, green, dim, bold } = style(invocation.io.color && invocation.io.stdoutIsTerminal);
  const place = (leaf: Leaf | undefined) =>
    leaf === undefined ? '' : leaf.at.file.startsWith('--') ? leaf.at.file : `${leaf.at.file}:${leaf.at.line}`;
  const shown = ({ before, after, path: at }: Differing): string => {
    const text = (leaf: Leaf) => (typeof leaf.value === 'string' ? scalarText(leaf.value) : JSON.stringify(leaf.value));
    if (before === undefined && after !== undefined)
      return `${green('+')} ${bold(at)}  ${green(text(after))}  ${dim(place(after))}`;
    if (after === undefined && before !== undefined)
      return `${red('-')} ${bold(at)}  ${red(text(before))}  ${dim(place(before))}`;
    if (before === undefined || after === undefined) return '';
    return `~ ${bold(at)}  ${red(text(before))} → ${green(text(after))}  ${dim(`${place(before)} → ${place(after)}`)}`;
  };
  const title = `${first.environment.name} → ${second.environment.name}`;
  invocation.print(changes.length === 0 ? `${title}: no difference` : [title, ...changes.map(shown)].join('\n'));
  invocation.result(
    changes.map(({ path: at, before, after }) => ({
      path: at,
      [first.environment.name]:
        before === undefined ? undefined : { value: before.value, at: place(before), layer: before.layer },
      [second.environment.name]:
        after === undefined ? undefined : { value: after.value, at: place(after), layer: after.layer },
    })),
  );
}
