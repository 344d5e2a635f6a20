// A page of the documentation → its code blocks, and the comments beside them that say how a test runs them.

/** What a comment such as `<!-- in: examples/devices -->` says. docs/contributing.md explains each. */
const markNames = [
  'in',
  'first',
  'file',
  'append',
  'output',
  'alternatives',
  'at a terminal',
  'needs',
  'not run',
] as const;
export type MarkName = (typeof markNames)[number];
export type Marks = Readonly<Partial<Record<MarkName, string>>>;

export interface Block {
  /** Of its first line of text, from 1. */
  readonly line: number;
  readonly text: readonly string[];
  readonly marks: Marks;
  /** Whether a reader would type it, or a part of it. */
  readonly isCommands: boolean;
}

/** One command with its continuation lines, and what the page shows that it prints: nothing is known if that is empty. */
export interface Step {
  readonly line: number;
  readonly command: string;
  readonly shown: readonly string[];
}

const programs = 'fx|echo|npm|npx|node|curl|aws|cat|tail|git|docker|cd|export|eval|pip|python3?|go';
const isCommand = (line: string) => new RegExp(`^(\\$ |(${programs}) )`).test(line.trimStart());
const prompted = (line: string) => line.startsWith('$ ');
const shells = ['sh', 'bash', 'shell', 'console'];

/** Throws for a comment that is neither a mark nor one of those that other tests read. */
export function blocksOf(markdown: string): readonly Block[] {
  const lines = markdown.split('\n');
  const blocks: Block[] = [];
  let marks: Partial<Record<MarkName, string>> = {};
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line.trim() === '') continue;
    if (line.startsWith('<!--')) {
      const end = lines.findIndex((one, index) => index >= at && one.includes('-->'));
      const [name, value = ''] = markOf(lines.slice(at, end + 1).join('\n'), at + 1);
      if (name !== undefined) marks[name] = value;
      at = end;
      continue;
    }
    const [, indent, language] = /^(\s*)```(\S*)/.exec(line) ?? [];
    const isIndented = line.startsWith('    ') && (lines[at - 1] ?? '').replace(/^.*-->$/, '').trim() === '';
    if (language !== undefined) {
      const end = lines.findIndex((one, index) => index > at && one.trim() === '```');
      const text = lines.slice(at + 1, end).map((one) => one.slice((indent ?? '').length));
      const isCommands = shells.includes(language) || (/^(text)?$/.test(language) && text.some(prompted));
      blocks.push({ line: at + 2, text, marks, isCommands });
      at = end;
    } else if (isIndented) {
      let end = at;
      for (let next = at; /^( {4}|\s*$)/.test(lines[next] ?? '#'); next++) if (lines[next]?.trim() !== '') end = next;
      const text = lines.slice(at, end + 1).map((one) => one.slice(4));
      blocks.push({ line: at + 1, text, marks, isCommands: isCommand(text[0] ?? '') || text.some(prompted) });
      at = end;
    } else {
      // a place is for the rest of the page, whatever comes between
      const { in: place, ...others } = marks;
      const [lost] = Object.keys(others);
      if (lost !== undefined) throw new Error(`line ${at + 1}: <!-- ${lost}: … --> has no block below it`);
      continue;
    }
    marks = {};
  }
  return blocks;
}

function markOf(comment: string, line: number): readonly [MarkName, string] | readonly [] {
  const text = comment.slice('<!--'.length, comment.indexOf('-->')).trim();
  const [, name = '', value = ''] = /^([a-z ]+)(?::\s*(.*))?$/s.exec(text) ?? [];
  if (name === 'test' || text.startsWith('written by ')) return [];
  const known = markNames.find((one) => one === name);
  if (known === undefined) throw new Error(`line ${line}: unknown mark <!-- ${text} -->`);
  return [known, value.trim()];
}

/** The commands of a block. If one has a prompt, what has none is what the command above prints. */
export function stepsOf({ text, line }: Block): readonly Step[] {
  const hasPrompts = text.some(prompted);
  const steps: { line: number; command: string; shown: string[] }[] = [];
  let isContinued = false;
  for (const [index, one] of text.entries()) {
    const last = steps.at(-1);
    if (isContinued && last !== undefined) last.command += `\n${one}`;
    else if (prompted(one)) steps.push({ line: line + index, command: one.slice(2), shown: [] });
    else if (hasPrompts) last?.shown.push(one);
    else if (one.trim() !== '' && !one.startsWith('#')) steps.push({ line: line + index, command: one, shown: [] });
    isContinued = one.endsWith('\\') && (!hasPrompts || prompted(one) || isContinued);
  }
  return steps;
}
