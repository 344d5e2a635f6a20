// node bench/packaging.mjs [-- counts…]: the time, processor and memory cost of a build, compared with one raw esbuild call that also
// deflates its outputs, and beside osls with serverless-esbuild. Real dependencies, installed for the run. Asserts nothing.
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { tableOf } from './measure.mjs';
import { measured } from './usage.mjs';

const counts = process.argv
  .slice(2)
  .filter((word) => /^\d+$/.test(word))
  .map(Number);
const withPeer = !process.argv.includes('--no-peer');
const rounds = Number(/--rounds=(\d+)/.exec(process.argv.join(' '))?.[1] ?? 3);
const here = import.meta.dirname;
const bin = resolve(here, '../dist/bin.js');
const top = mkdtempSync(join(tmpdir(), 'fx-bench-'));
const say = (text) => process.stderr.write(`${text}\n`);

const npm = (folder, ...words) =>
  execFileSync('npm', [...words, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });

const source = (index, marker) => `import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { answer } from '../lib/answer.ts';
import { part${index % 20} } from '../lib/part${index % 20}.ts';

const client = new DynamoDBClient({ region: 'us-east-1' });
const Event = z.object({ id: z.string().default('${marker}') });

export const handler = async (event: unknown) => {
  const { id } = Event.parse(event);
  const Key = { id: { S: part${index % 20}(id) } };
  return answer(process.env.TABLE ? await client.send(new GetItemCommand({ TableName: process.env.TABLE, Key })) : id);
};
`;

function writeProject(count) {
  const folder = join(top, `project-${count}`);
  mkdirSync(join(folder, 'src'), { recursive: true });
  mkdirSync(join(folder, 'lib'));
  const names = Array.from({ length: count }, (_, index) => `f${index}`);
  for (const [index, name] of names.entries()) writeFileSync(join(folder, `src/${name}.ts`), source(index, 'first'));
  for (let index = 0; index < 20; index++) {
    writeFileSync(
      join(folder, `lib/part${index}.ts`),
      `export const part${index} = (text: string): string => \`${index}-\${text}\`;\n`,
    );
  }
  writeFileSync(
    join(folder, 'lib/answer.ts'),
    'export const answer = (body: unknown) => ({ statusCode: 200, body: JSON.stringify(body) });\n',
  );
  const settings = 'runtime: nodejs22.x';
  const functions = names.map((name) => `  ${name}: { handler: src/${name}.handler }`).join('\n');
  writeFileSync(join(folder, 'project.yml'), `name: bench\ndefaults: { ${settings} }\nfunctions:\n${functions}\n`);
  const bundle =
    '{ bundle: true, minify: false, sourcemap: linked, sourcesContent: false, platform: node, target: node22, exclude: [] }';
  writeFileSync(
    join(folder, 'serverless.yml'),
    `service: bench\nprovider: { name: aws, runtime: nodejs22.x, architecture: arm64 }\npackage: { individually: true }\nplugins: [serverless-esbuild]\ncustom: { esbuild: ${bundle.replace('linked', 'true')} }\nfunctions:\n${functions}\n`,
  );
  writeFileSync(join(folder, 'package.json'), '{"name": "bench", "private": true, "type": "module"}');
  npm(folder, 'install', '@aws-sdk/client-dynamodb@3', 'zod@3');
  if (withPeer) npm(folder, 'install', '--save-dev', 'osls@4', 'serverless-esbuild@1', 'esbuild@0.28');
  return folder;
}

const made = { floor: [], fx: ['.fx'], osls: ['.serverless', '.esbuild'] };
const clean = (folder, subject) => {
  for (const name of made[subject]) rmSync(join(folder, name), { recursive: true, force: true });
};
let edits = 0;
const edit = (folder) => appendFileSync(join(folder, 'src/f0.ts'), `// ${++edits}\n`);

/** The best of the rounds: other work on the machine only adds time. */
const best = (all) => ({
  ms: Math.min(...all.map(({ ms }) => ms)),
  cpuMs: Math.min(...all.map(({ cpuMs }) => cpuMs)),
  memory: Math.min(...all.map(({ memory }) => memory)),
});

async function measure(count) {
  const folder = writeProject(count);
  // a stack can have 500 resources: for 200 functions `fx build` reports that after everything is built, inspected, loaded and packed
  const accepts = count > 90 ? /the stack would have \d+ resources/ : undefined;
  const node = (...words) => measured(process.execPath, words, { cwd: folder, accepts });
  const subjects = {
    floor: () => node(join(here, 'packaging-floor.mjs'), String(count)),
    fx: () => node(bin, 'build'),
    ...(withPeer ? { osls: () => node(join(folder, 'node_modules/osls/bin/serverless.js'), 'package') } : {}),
  };
  const results = {};
  for (const [what, prepare] of [
    ['cold', (subject) => clean(folder, subject)],
    ['unchanged', () => {}],
    ['one line changed', () => edit(folder)],
  ]) {
    const all = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
    for (let round = 0; round < (count > 50 ? 1 : rounds); round++) {
      for (const [name, subject] of Object.entries(subjects)) {
        // the floor has no cache: compare with its cold run
        if (name === 'floor' && what !== 'cold') continue;
        prepare(name);
        say(`${count} functions, ${what}: ${name}`);
        all[name].push(await subject());
        say(JSON.stringify(all[name].at(-1)));
      }
    }
    for (const [name, measuredAll] of Object.entries(all)) {
      if (measuredAll.length > 0) results[`${name} ${what}`] = best(measuredAll);
    }
  }
  return results;
}

const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
const rows = [['functions', 'what', 'wall', 'CPU', 'peak memory', 'wall × floor', 'CPU × floor', 'memory × floor']];
try {
  for (const count of counts.length > 0 ? counts : [1, 10, 50, 200]) {
    const results = await measure(count);
    const floor = results['floor cold'];
    for (const [what, { ms, cpuMs, memory }] of Object.entries(results)) {
      const name = what === 'floor cold' ? 'floor' : what;
      const ratios = [ms / floor.ms, cpuMs / floor.cpuMs, memory / floor.memory].map((ratio) => `${ratio.toFixed(2)}×`);
      rows.push([String(count), name, seconds(ms), seconds(cpuMs), `${Math.round(memory / 1e6)} MB`, ...ratios]);
    }
    rmSync(join(top, `project-${count}`), { recursive: true, force: true });
  }
} finally {
  rmSync(top, { recursive: true, force: true });
}
const [head, ...cells] = rows;
console.log(tableOf(head, cells));
console.log(
  `\n${new Date().toISOString().slice(0, 10)}, Node ${process.version.slice(1)}, ${cpus().length} cores (${cpus()[0].model.trim()}), best of ${rounds} rounds (one of 200 functions).`,
);
