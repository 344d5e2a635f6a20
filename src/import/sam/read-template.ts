// Reads a template as AWS does, which takes a flow list or map that ends at the column of its key.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../../base/error.ts';
import type { Located } from '../../base/located.ts';
import { parseLocated } from '../../base/yaml.ts';
import { intrinsicTags } from '../../cfn/intrinsic-tags.ts';

const mostRepairs = 100;

export function readTemplate(
  text: string,
  file: string,
): { readonly value: Located; readonly problems: readonly Problem[] } {
  const lines = text.split('\n');
  let parsed = parseLocated(text, file, [...intrinsicTags]);
  for (let repairs = 0; repairs < mostRepairs; repairs += 1) {
    const problem = parsed.problems.find(({ message }) => /^Flow \w+ in block collection/.test(message));
    const index = (problem?.at?.line ?? 0) - 1;
    const line = lines[index];
    // only brackets move: lines and columns of everything else stay what findings name
    if (line === undefined || !/^\s*[}\]]/.test(line)) break;
    lines[index] = `${' '.repeat(80)}${line}`;
    parsed = parseLocated(lines.join('\n'), file, [...intrinsicTags]);
  }
  return parsed;
}

/** The text of a file that a template names; undefined if there is none. */
export function textBeside(folder: string, file: string): string | undefined {
  const path = join(folder, file);
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? readFileSync(path, 'utf8') : undefined;
}
