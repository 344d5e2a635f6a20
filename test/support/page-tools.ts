// What the commands of pages need beside fx, and a machine may lack.
import type { Block } from './page.ts';
import { hasTerminals } from './terminal.ts';
import { runs } from './toolchain.ts';

/** Where each is. */
export const tools: Readonly<Record<string, string | undefined>> = {
  // a version manager may have the name and no version of it
  aws: runs('sh', '-c', 'aws --version >/dev/null 2>&1 && command -v aws'),
  jq: runs('sh', '-c', 'command -v jq'),
  /** The folder in which CI installs it. */
  osls: process.env['FX_OSLS'],
};

/** The first tool that a block needs and this machine lacks. */
export function lackedBy({ marks }: Block): string | undefined {
  if (marks['at a terminal'] !== undefined && !hasTerminals) return "util-linux's script";
  const needed = marks.needs?.split(', ') ?? [];
  const unknown = needed.find((name) => !Object.hasOwn(tools, name));
  if (unknown !== undefined)
    throw new Error(`<!-- needs: ${unknown} -->: there is no row for it in ${import.meta.filename}`);
  return needed.find((name) => tools[name] === undefined);
}
