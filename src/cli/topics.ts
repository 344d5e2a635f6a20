// fx help TOPIC: the guides of docs/guide and the causes of errors, without a network.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../base/packaged.ts';
import { errorHelpText, isErrorCode } from './error-help.ts';
import { style } from './render/style.ts';

const guides = () => join(packageFolder(), 'docs/guide');

interface Topic {
  readonly name: string;
  /** The heading of the guide. */
  readonly title: string;
}

const names = (): readonly string[] =>
  readdirSync(guides())
    .filter((file) => file.endsWith('.md'))
    .map((file) => file.slice(0, -3))
    .sort();

function topics(): readonly Topic[] {
  return names().map((name) => ({ name, title: /^# (.*)$/m.exec(read(name))?.[1] ?? '' }));
}

const read = (name: string): string => readFileSync(join(guides(), `${name}.md`), 'utf8');

/** The text of a guide or an error; undefined if there is none of that name. */
export function topicText(word: string, { color }: { readonly color: boolean }): string | undefined {
  if (isErrorCode(word)) return errorHelpText(word);
  return names().includes(word) ? shown(read(word), color) : undefined;
}

/** Markdown as it is, which reads well; in colour, headings and code stand out. */
function shown(markdown: string, color: boolean): string {
  const text = markdown.replace(/<!--.*?-->\n?/gs, '');
  if (!color) return text;
  const { bold, cyan } = style(true);
  let isCode = false;
  return text
    .split('\n')
    .map((line) => {
      if (line.startsWith('```')) isCode = !isCode;
      else if (isCode || line.startsWith('    ')) return cyan(line);
      else if (line.startsWith('#')) return bold(line);
      return line;
    })
    .join('\n');
}

export function topicList(): string {
  const found = topics();
  const width = Math.max(...found.map(({ name }) => name.length));
  const lines = found.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`);
  return `fx help TOPIC prints a guide, and fx help CODE what causes an error:\n\n${lines.join('\n')}\n`;
}
