// The local AWS of fx and MiniStack, as endpoints with a process whose memory can be measured.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const { AWS_ENDPOINT_URL: _, FX_ENV: __, ...environment } = process.env;
const bin = resolve(import.meta.dirname, '../dist/bin.js');

/** The process that listens at a port, from /proc. */
function listening(port) {
  const found = execFileSync('sh', ['-c', `ss -ltnpH "sport = :${port}" | grep -o 'pid=[0-9]*' | head -1`]).toString();
  return Number(found.trim().slice('pid='.length));
}

export function fx(top) {
  const folder = join(top, 'fx');
  return {
    name: 'fx',
    async start() {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'project.yml'), 'name: bench\nregion: us-east-1\nfunctions: {}\n');
      const run = (...words) => execFileSync(process.execPath, [bin, ...words], { cwd: folder, env: environment });
      run('local', 'start');
      const { endpoint } = JSON.parse(run('local', 'status', '--json').toString().trim().split('\n').at(-1)).value;
      return { endpoint, pid: listening(new URL(endpoint).port), stop: async () => run('local', 'stop') };
    },
  };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** `python` has the package ministack. */
export function ministack(top, python) {
  const folder = join(top, 'ministack');
  return {
    name: 'MiniStack',
    async start() {
      mkdirSync(folder, { recursive: true });
      const port = await freePort();
      const log = openSync(join(folder, 'log'), 'w');
      const words = ['-m', 'uvicorn', 'ministack.app:app', '--host', '127.0.0.1', '--port', String(port)];
      const child = spawn(python, [...words, '--timeout-keep-alive', '3600'], {
        env: { ...environment, GATEWAY_PORT: String(port), TMPDIR: folder, S3_DATA_DIR: join(folder, 's3') },
        stdio: ['ignore', log, log],
        detached: true,
      });
      const endpoint = `http://127.0.0.1:${port}`;
      for (let tries = 0; ; tries++) {
        if (child.exitCode !== null || tries > 200) throw new Error(`MiniStack did not start: see ${folder}/log`);
        const answers = await fetch(`${endpoint}/_localstack/health`).then(
          ({ ok }) => ok,
          () => false,
        );
        if (answers) break;
        await pause(100);
      }
      const stop = async () => {
        const ended = new Promise((done) => child.once('exit', done));
        process.kill(-child.pid, 'SIGTERM');
        await ended;
      };
      return { endpoint, pid: child.pid, stop };
    },
  };
}
