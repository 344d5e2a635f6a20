// The functions that fx dev runs under a debugger: `--inspect NAME[:PORT]`.
import { createServer } from 'node:net';
import { FxError } from '../base/error.ts';
import { findFunction } from '../operate/context.ts';
import type { Project } from '../project/project.ts';
import type { Inspected } from '../session/follow.ts';

export interface InspectedFunction extends Inspected {
  /** In project.yml. */
  readonly name: string;
  /** In AWS. */
  readonly physicalName: string;
  readonly family: 'nodejs' | 'python';
}

/** Debuggers look there by default. */
const firstPorts = { nodejs: 9229, python: 5678 } as const;

/** Throws USAGE for an unknown function, one in another language, or a port that is none. */
export function inspectedFunctions(
  { folder, functions }: Pick<Project, 'folder' | 'functions'>,
  { inspect, inspectBrk }: { readonly inspect: readonly string[]; readonly inspectBrk: readonly string[] },
): readonly InspectedFunction[] {
  const wanted = [
    ...inspect.map((text) => ({ flag: '--inspect', text })),
    ...inspectBrk.map((text) => ({ flag: '--inspect-brk', text })),
  ];
  const taken = new Set<number>();
  const named = wanted.map(({ flag, text }) => ({ flag, ...readName(flag, text) }));
  for (const { port } of named) if (port !== undefined) taken.add(port);
  return named.map(({ flag, name, port: chosen }) => {
    const settings = findFunction({ functions }, name);
    const family = settings.image === undefined ? settings.packaging.family : 'image';
    if (family !== 'nodejs' && family !== 'python') {
      throw new FxError('USAGE', `${flag} is for functions in Node.js and Python; "${name}" is not`);
    }
    let port: number = chosen ?? firstPorts[family];
    if (chosen === undefined) while (taken.has(port)) port += 1;
    taken.add(port);
    return {
      name,
      physicalName: settings.physicalName,
      family,
      port,
      breaks: flag === '--inspect-brk',
      sources: folder,
    };
  });
}

/** Throws USAGE if something else listens at the port: Node.js would go on without a debugger. */
export async function checkPortsFree(functions: readonly InspectedFunction[]): Promise<void> {
  for (const { name, port } of functions) {
    const server = createServer();
    const isFree = await new Promise<boolean>((done) => {
      server.once('error', () => done(false));
      server.listen(port, '127.0.0.1', () => done(true));
    });
    await new Promise((done) => server.close(done));
    if (isFree) continue;
    const hint = `choose another one, such as --inspect ${name}:${port + 1}`;
    throw new FxError('USAGE', `port ${port} is in use, so no debugger can attach to "${name}" there`, { hint });
  }
}

function readName(flag: string, text: string): { readonly name: string; readonly port: number | undefined } {
  const [, name = '', port] = /^([^:]+)(?::(\d+))?$/.exec(text) ?? [];
  const isPort = port === undefined || (Number(port) >= 1 && Number(port) <= 65_535);
  if (name !== '' && isPort) return { name, port: port === undefined ? undefined : Number(port) };
  throw new FxError(
    'USAGE',
    `${flag} takes a function and perhaps a port, such as orders:9230, not ${JSON.stringify(text)}`,
  );
}
