// A real container engine for tests: what this machine has, or Podman with settings under which it also runs inside a container.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { runs } from './toolchain.ts';

export interface RealEngine {
  /** The shell variables with which it works here. */
  readonly variables: Readonly<Record<string, string>>;
  /** A static program for this machine: nothing else is needed in an image. */
  readonly program: string;
}

/** Answers Lambda's Runtime API. No library: an image that is built FROM scratch has none. */
const source = `package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
)

func main() {
	api := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	for {
		next, err := http.Get(api + "next")
		if err != nil {
			panic(err)
		}
		event, _ := io.ReadAll(next.Body)
		fmt.Println("from the container")
		_, unwritable := os.Create("/unwritable")
		_, writable := os.Create("/tmp/writable")
		answer := fmt.Sprintf(\`{"event":%s,"argument":%q,"version":%q,"table":%q,"readOnly":%t,"tmp":%t}\`, event,
			os.Args[len(os.Args)-1], os.Getenv("VERSION"), os.Getenv("TABLE"), unwritable != nil, writable == nil)
		id := next.Header.Get("Lambda-Runtime-Aws-Request-Id")
		http.Post(api+id+"/response", "application/json", bytes.NewBufferString(answer))
	}
}
`;

/** Or why there is none. */
export function realEngine(): RealEngine | string {
  if (process.platform !== 'linux') return 'container images run locally only on Linux';
  if (runs('go', 'version') === undefined) return 'there is no go here, to make a program for an image';
  const folder = mkdtempSync(join(tmpdir(), 'fx-engine-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, 'bootstrap');
  writeFileSync(join(folder, 'main.go'), source);
  const go = spawnSync('go', ['build', '-o', program, 'main.go'], {
    cwd: folder,
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GO111MODULE: 'off' },
    encoding: 'utf8',
  });
  if (go.status !== 0) return `go does not build here: ${go.stderr.split('\n')[0]}`;
  const variables = [dockerVariables, podmanVariables].map((find) => find(folder)).find((found) => found !== undefined);
  return variables === undefined
    ? 'neither a Docker daemon nor a Podman that can run containers is here'
    : { variables, program };
}

function dockerVariables(): Readonly<Record<string, string>> | undefined {
  return runs('docker', 'version', '--format', '{{.Server.Version}}') === undefined
    ? undefined
    : { FX_CONTAINER_ENGINE: 'docker', HOME: process.env['HOME'] ?? '' };
}

/** Its own storage, without the kernel features that a sandbox lacks. */
function podmanVariables(folder: string): Readonly<Record<string, string>> | undefined {
  if (runs('podman', '--version') === undefined) return undefined;
  mkdirSync(join(folder, 'image'));
  writeFileSync(join(folder, 'image/Dockerfile'), 'FROM scratch\nCOPY true /true\n');
  const go = spawnSync('go', ['build', '-o', join(folder, 'image/true'), 'true.go'], {
    cwd: writeTrue(folder),
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GO111MODULE: 'off' },
  });
  if (go.status !== 0) return undefined;
  for (const runtime of ['crun', 'runc']) {
    const own = join(folder, runtime);
    mkdirSync(own);
    const files = { CONTAINERS_CONF: join(own, 'containers.conf'), CONTAINERS_STORAGE_CONF: join(own, 'storage.conf') };
    writeFileSync(
      files.CONTAINERS_CONF,
      `[containers]\nnetns = "host"\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n[engine]\nruntime = "${runtime}"\ncgroup_manager = "cgroupfs"\nevents_logger = "none"\n`,
    );
    writeFileSync(
      files.CONTAINERS_STORAGE_CONF,
      `[storage]\ndriver = "vfs"\ngraphroot = "${own}/graph"\nrunroot = "${own}/run"\n`,
    );
    const variables = { ...files, BUILDAH_ISOLATION: 'chroot', FX_CONTAINER_ENGINE: 'podman' };
    const podman = (...args: string[]) =>
      spawnSync('podman', args, { env: { ...process.env, ...variables }, timeout: 60_000 }).status === 0;
    const works =
      podman('build', '-q', '-t', 'probe', join(folder, 'image')) &&
      podman('run', '--rm', '--network', 'host', 'probe', '/true');
    if (works && existsSync(own)) return variables;
  }
  return undefined;
}

function writeTrue(folder: string): string {
  writeFileSync(join(folder, 'true.go'), 'package main\n\nfunc main() {}\n');
  return folder;
}
