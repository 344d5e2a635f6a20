// Lookups of files: `${file:path}`, the text of a file, or the content of a JSON or YAML file, whole or at `#a.path`.
import { readFile, stat } from 'node:fs/promises';
import { extname, relative, resolve } from 'node:path';
import type { Tags } from 'yaml';
import { type Located, valueAt } from '../../base/located.ts';
import { decodeText } from '../../base/text-file.ts';
import { parseLocated } from '../../base/yaml.ts';
import { intrinsicTags } from '../../cfn/intrinsic-tags.ts';
import { type LookupResult, type LookupSource, type LookupWorld, prefixed } from './source.ts';

const structured = new Set(['.json', '.yml', '.yaml']);

export const file: LookupSource = {
  form: 'file:<path>',
  about:
    'A file, relative to the file with the lookup. JSON and YAML give their value, or the one at #a.path; other files their text, without the line break at the end.',
  matches: prefixed('file:'),
  perPlace: 'folder',
  async find([written = ''], world, { folder }) {
    const [path = '', inside] = written.split('#');
    const absolute = resolve(folder, path);
    const text = await readText(absolute, path, world);
    if (typeof text !== 'string') return text;
    if (!structured.has(extname(path))) {
      return inside === undefined
        ? { plain: text.replace(/\r?\n$/, '') }
        : { message: `\${file:${written}}: only JSON and YAML have parts`, hint: `write \${file:${path}}` };
    }
    const { value, problems } = parseLocated(text, shownPath(absolute, world), intrinsicTags as Tags);
    const [problem] = problems;
    if (problem !== undefined) {
      const { line, column } = problem.at;
      return { message: `\${file:${written}}: line ${line}, column ${column}: ${problem.message}`, refused: true };
    }
    return partOf(value, written, inside);
  },
};

function partOf(value: Located, written: string, inside: string | undefined): LookupResult {
  const part = inside === undefined ? value : valueAt(value, inside.split('.'));
  if (part !== undefined) return { value: part };
  const keys = value.kind === 'map' ? [...value.entries.keys()].join(', ') : 'no keys';
  return { message: `\${file:${written}}: there is nothing at ${inside}`, hint: `the file has ${keys}` };
}

async function readText(absolute: string, path: string, world: LookupWorld): Promise<string | LookupResult> {
  const missing = {
    message: `\${file:${path}}: there is no file ${shownPath(absolute, world)}`,
    hint: `give its path, or a default: \${file:${path}, value}`,
  };
  try {
    // reading a pipe or a device would never end
    if (!(await stat(absolute)).isFile())
      return { ...missing, message: `\${file:${path}}: ${shownPath(absolute, world)} is not a file` };
    const decoded = decodeText(await readFile(absolute), path);
    return 'text' in decoded
      ? decoded.text
      : { message: `\${file:${path}}: ${decoded.problem.message}`, refused: true };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return missing;
    if (code === 'EACCES' || code === 'EPERM')
      return { message: `\${file:${path}}: no permission to read the file`, refused: true };
    throw error;
  }
}

function shownPath(absolute: string, { folder }: LookupWorld): string {
  return relative(folder, absolute) || absolute;
}
