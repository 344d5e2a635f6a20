// fx types
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { FxError } from '../../base/error.ts';
import { command } from '../command.ts';
import { openProject } from '../session.ts';

export const types = command({
  output: 'types',
  needs: 'project',
  options: {
    output: { kind: 'text', short: 'o', value: 'file', about: 'where to write them', default: '.fx/types.d.ts' },
    check: { kind: 'flag', about: 'write nothing; exit code 2 if the file says something else' },
  },
  examples: [
    ['fx types', "Write .fx/types.d.ts: import type { Handler } from '../.fx/types'"],
    ['fx types --check', 'Whether it is up to date, in CI'],
  ],
  async run(invocation) {
    const project = await openProject(invocation);
    const { typesOf } = await import('../../operate/types.ts');
    const { output, check } = invocation.options;
    if (!output.endsWith('.d.ts')) {
      throw new FxError('USAGE', `--output takes a file that ends with .d.ts, not ${JSON.stringify(output)}`);
    }
    const file = resolve(project.folder, output);
    const text = typesOf(project);
    const isCurrent = existsSync(file) && (await readFile(file, 'utf8')) === text;
    if (check) {
      invocation.print(isCurrent ? `${output} is up to date.` : `${output} is out of date: fx types writes it.`);
      invocation.result({ file, upToDate: isCurrent });
      return isCurrent ? 0 : 2;
    }
    if (!isCurrent) {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
    invocation.print(isCurrent ? `${output} is up to date.` : `Wrote ${output}.`);
    if (!hasLambdaTypes(project.folder)) {
      invocation.aside('The types of events come from a package: npm install --save-dev @types/aws-lambda');
    }
    invocation.result({ file, changed: !isCurrent });
    return 0;
  },
});

function hasLambdaTypes(folder: string): boolean {
  try {
    createRequire(join(folder, 'project.yml')).resolve('@types/aws-lambda/package.json');
    return true;
  } catch {
    // Node finds no such package from here
    return false;
  }
}
