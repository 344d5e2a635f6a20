// node bench/packed.mjs [rounds]: 30 functions that share ten packages which fx packs as installed, compared with one function that
// has all ten: each file should be hashed and compressed once. Packages are installed for the run. Asserts nothing.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { measured } from './usage.mjs';

const rounds = Number(process.argv[2] ?? 3);
const bin = resolve(import.meta.dirname, '../dist/bin.js');
const folder = mkdtempSync(join(tmpdir(), 'fx-bench-'));
const packages = [
  'sharp@0.34.5',
  'jsdom@26.1.0',
  'pdfkit@0.17.0',
  'pino@9.14.0',
  'bcrypt@6.0.0',
  'argon2@0.44.0',
  'esbuild@0.28.2',
  'lightningcss@1.30.2',
  '@swc/core@1.15.3',
  '@napi-rs/canvas@0.1.80',
];
const nameOf = (one) => one.slice(0, one.lastIndexOf('@'));

try {
  execFileSync('npm', ['init', '--yes'], { cwd: folder, stdio: 'ignore' });
  execFileSync('npm', ['install', ...packages, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  mkdirSync(join(folder, 'src'));
  const code = (names) =>
    `${names.map((name, index) => `import * as p${index} from '${name}';`).join('\n')}\nexport const handler = async () => [${names.map((_, index) => `typeof p${index}`).join(', ')}];\n`;
  const names = packages.map(nameOf);
  writeFileSync(join(folder, 'src/all.mjs'), code(names));
  for (let index = 0; index < 30; index++) {
    const three = [0, 3, 6].map((step) => names[(index + step) % names.length]);
    writeFileSync(join(folder, `src/f${index}.mjs`), code(three));
  }
  const project = (functions) =>
    `name: bench\ndefaults: { runtime: nodejs22.x, architecture: ${process.arch === 'arm64' ? 'arm64' : 'x86_64'} }\nfunctions:\n${functions.map((name) => `  ${name}: { handler: src/${name}.handler }`).join('\n')}\n`;
  const subjects = {
    'one function with all ten': ['all'],
    '30 functions with three each': Array.from({ length: 30 }, (_, index) => `f${index}`),
  };
  const best = {};
  for (let round = 0; round < rounds; round++) {
    for (const [subject, functions] of Object.entries(subjects)) {
      rmSync(join(folder, '.fx'), { recursive: true, force: true });
      writeFileSync(join(folder, 'project.yml'), project(functions));
      const usage = await measured(process.execPath, [bin, 'build'], { cwd: folder });
      process.stderr.write(`${subject}: ${JSON.stringify(usage)}\n`);
      if (best[subject] === undefined || usage.cpuMs < best[subject].cpuMs) best[subject] = usage;
    }
  }
  const [one, thirty] = Object.values(best);
  console.log('| what | wall | CPU | peak memory |\n|---|---|---|---|');
  for (const [subject, { ms, cpuMs, memory }] of Object.entries(best)) {
    console.log(
      `| ${subject} | ${(ms / 1000).toFixed(1)} s | ${(cpuMs / 1000).toFixed(1)} s | ${(memory / 1e6).toFixed(0)} MB |`,
    );
  }
  console.log(
    `| ratio | ${(thirty.ms / one.ms).toFixed(1)}× | ${(thirty.cpuMs / one.cpuMs).toFixed(1)}× | ${(thirty.memory / one.memory).toFixed(1)}× |`,
  );
  console.log(
    `\n${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} cores, best of ${rounds} rounds by CPU.`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
