// Refuses input that an operation would have to ignore: what is not carried out must not look as if it were.
import type { Operations, Request, ServiceName } from './cloud.ts';
import { notImplemented } from './constraint.ts';

type AnyOperation = (input: Record<string, unknown>, request: Request) => unknown;

/** The operations, each held to the members that it carries out. An operation that has no row takes them all. */
export function heldToMembers<S extends ServiceName>(
  service: S,
  operations: Operations<S>,
  known: { readonly [O in keyof Operations<S>]?: readonly string[] },
): Operations<S> {
  const held = Object.entries(operations as unknown as Record<string, AnyOperation>).map(([name, run]) => {
    const members = (known as Record<string, readonly string[] | undefined>)[name];
    if (members === undefined) return [name, run];
    const checked: AnyOperation = (input, request) => {
      const other = Object.entries(input).find(([member, value]) => value !== undefined && !members.includes(member));
      if (other !== undefined) throw notImplemented(`${service}:${name} with ${other[0]}`);
      return run(input, request);
    };
    return [name, checked];
  });
  // the table keeps each operation's own types: only a check was put before it
  return Object.fromEntries(held) as Operations<S>;
}
