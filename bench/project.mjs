// Projects of a given size: each function has its own file, shares a module with the others, and has a route if one
// stack can hold that.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const shared = Array.from(
  { length: 40 },
  (_, index) => `export const part${index} = (x) => ({ x, index: ${index} });\n`,
);

const source = (name, marker) => `import { part1, part7 } from './shared.ts';

interface Event {
  readonly pathParameters?: { readonly id?: string };
}

export const handler = async (event: Event) => ({
  name: '${name}',
  marker: '${marker}',
  parts: [part1(event.pathParameters?.id), part7(1)],
});
`;

export const entryPoints = (count) => Array.from({ length: count }, (_, index) => `src/f${index}.ts`);

/** A function with a route needs eight resources, and a stack can have 500. */
const mostWithRoutes = 60;

/** Writes the project and returns its folder. */
export function writeProject(folder, count) {
  mkdirSync(join(folder, 'src'), { recursive: true });
  const functions = entryPoints(count).map((_, index) =>
    [
      `  f${index}:`,
      `    handler: src/f${index}.handler`,
      '    runtime: nodejs22.x',
      ...(count > mostWithRoutes ? [] : [`    events: [{http: "GET /f${index}/{id}"}]`]),
      '',
    ].join('\n'),
  );
  writeFileSync(
    join(folder, 'project.yml'),
    `name: bench\nenvironments: {bench: {}}\nfunctions:\n${functions.join('')}`,
  );
  writeFileSync(join(folder, 'src/shared.ts'), shared.join('').replaceAll('(x)', '(x: unknown)'));
  for (let index = 0; index < count; index++) changeCode(folder, index, 'first');
  return folder;
}

export function changeCode(folder, index, marker) {
  writeFileSync(join(folder, `src/f${index}.ts`), source(`f${index}`, marker));
}
