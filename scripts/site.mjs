// npm run site: builds site/dist of docs/, with search. A dead link fails. VitePress is installed in site/, since nothing else needs it.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const site = resolve('site');
const run = (program, ...words) => execFileSync(program, words, { cwd: site, stdio: 'inherit' });
const stamp = resolve(site, 'node_modules/.installed');
const lock = readFileSync(resolve(site, 'package-lock.json'), 'utf8');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  run(process.platform === 'win32' ? 'npm.cmd' : 'npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error');
  writeFileSync(stamp, lock);
}
// Vue must be found from the pages
rmSync(resolve(site, 'pages'), { recursive: true, force: true });
cpSync('docs', resolve(site, 'pages'), { recursive: true });
cpSync(resolve(site, 'public'), resolve(site, 'pages/public'), { recursive: true });
run(process.execPath, 'node_modules/vitepress/bin/vitepress.js', 'build', '.');
