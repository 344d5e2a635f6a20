// fx config
import { type Located, toPlain } from '../../base/located.ts';
import type { Command } from '../command.ts';
import { openProject } from '../session.ts';

export const config: Command = {
  name: 'config',
  summary: 'Print the merged project, each value with the place it comes from',
  options: [],
  examples: [
    ['fx config --env prod', 'Show what prod is made of'],
    ['fx config --env prod --json', 'The same for a program'],
  ],
  async run(invocation) {
    const project = await openProject(invocation);
    const lines = rows(project.merged, 0);
    const width = Math.max(0, ...lines.map(({ text }) => text.length));
    invocation.print(lines.map(({ text, at }) => (at === '' ? text : `${text.padEnd(width)}  # ${at}`)).join('\n'));
    invocation.result(toPlain(project.merged));
    return 0;
  },
};

interface Row {
  readonly text: string;
  readonly at: string;
}

/** YAML of the value, with the place of each scalar beside it. */
function rows(value: Located, depth: number): Row[] {
  const indent = '  '.repeat(depth);
  const place = ({ at }: Located) => `${at.file}:${at.line}`;
  if (value.kind === 'scalar') return [{ text: indent + scalarText(value.value), at: place(value) }];
  if (value.kind === 'list') {
    return value.items.flatMap((item) => {
      const [first, ...rest] = rows(item, depth + 1);
      if (first === undefined) return [{ text: `${indent}- ${item.kind === 'map' ? '{}' : '[]'}`, at: place(item) }];
      return [{ text: `${indent}- ${first.text.trimStart()}`, at: first.at }, ...rest];
    });
  }
  return [...value.entries].flatMap(([key, { value: child }]) => {
    if (child.kind === 'scalar')
      return [{ text: `${indent}${scalarText(key)}: ${scalarText(child.value)}`, at: place(child) }];
    const below = rows(child, depth + 1);
    if (below.length === 0)
      return [{ text: `${indent}${key}: ${child.kind === 'map' ? '{}' : '[]'}`, at: place(child) }];
    return [{ text: `${indent}${scalarText(key)}:`, at: '' }, ...below];
  });
}

function scalarText(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return String(value);
  const plain =
    /^[A-Za-z_/$][\w ./${}()*+-]*$/.test(value) &&
    !/^(true|false|null|yes|no|on|off)$/i.test(value) &&
    value === value.trim();
  return plain ? value : JSON.stringify(value);
}
