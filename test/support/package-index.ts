// A package index on loopback that asks for a user and a password, and wheels to serve from it.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface Wheel {
  readonly file: string;
  readonly name: string;
  readonly bytes: Buffer;
  readonly sha256: string;
}

const write = `
import sys, zipfile
file, name, version, text = sys.argv[1:]
info = f"{name}-{version}.dist-info"
with zipfile.ZipFile(file, "w") as wheel:
    wheel.writestr(f"{name}.py", text)
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(f"{info}/RECORD", f"{name}.py,,\\n{info}/METADATA,,\\n{info}/WHEEL,,\\n{info}/RECORD,,\\n")
`;

/** A pure wheel with one module, in a folder that is deleted after the test. */
export function wheelOf(name: string, version: string, text: string): Wheel {
  const folder = mkdtempSync(join(tmpdir(), 'fx-wheel-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, `${name}-${version}-py3-none-any.whl`);
  execFileSync('python3', ['-c', write, file, name, version, text]);
  const bytes = readFileSync(file);
  return { file, name, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

export interface PackageIndex {
  /** Without the scheme: credentials go before it. */
  readonly address: string;
}

/** Closed after the test. https://packaging.python.org/en/latest/specifications/simple-repository-api/ */
export async function packageIndex(wheels: readonly Wheel[], user: string, password: string): Promise<PackageIndex> {
  const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const server = createServer((request, response) => {
    const answer = (status: number, body: string | Buffer, type = 'text/html') =>
      response.writeHead(status, { 'content-type': type, 'www-authenticate': 'Basic realm="x"' }).end(body);
    if (request.headers.authorization !== wanted) return answer(401, 'no');
    const [, kind, name = ''] = (request.url ?? '').split('/');
    const found = wheels.find((wheel) => [wheel.name, wheel.file.split('/').at(-1)].includes(name));
    if (found === undefined) return answer(404, 'no such package');
    if (kind === 'files') return answer(200, found.bytes, 'application/octet-stream');
    const file = found.file.split('/').at(-1);
    return answer(200, `<!DOCTYPE html><a href="/files/${file}#sha256=${found.sha256}">${file}</a>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}/simple` };
}
