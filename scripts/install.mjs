// Installs the dependencies if they are missing or older than the lock file. Prints only if it does something.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const stamp = 'node_modules/.fx-installed';
const major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  console.error(`fx needs Node 20 or newer; this is ${process.version}`);
  process.exit(1);
}
const wanted = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  console.log('installing dependencies (npm ci)');
  const windows = process.platform === 'win32';
  execFileSync(windows ? 'npm.cmd' : 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: windows,
  });
  writeFileSync(stamp, wanted);
}
