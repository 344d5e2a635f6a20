// Messages for unknown keys: the fx name of another tool's key, the nearest known key, and the list of keys.
import { nearest } from './suggest.ts';

/** Message and hint. A key of another tool gets its fx name, whatever its case and with or without -. */
export function unknownKey(
  name: string,
  known: readonly string[],
  elsewhere: Readonly<Record<string, string>> = {},
): [message: string, hint: string] {
  const folded = (key: string) => key.toLowerCase().replace(/[_-]/g, '');
  const foreign = Object.keys(elsewhere).find((key) => folded(key) === folded(name));
  const ours = foreign === undefined ? known.find((key) => folded(key) === folded(name)) : elsewhere[foreign];
  if (ours === undefined) return [`unknown key "${name}"`, unknownKeyHint(name, known)];
  const isKey = known.includes(ours.split('.')[0] ?? '');
  return isKey
    ? [`"${name}" is called \`${ours}\` here`, unknownKeyHint(name, known, false)]
    : [`unknown key "${name}"`, ours];
}

/** `did you mean …?` with the list of keys. */
export function unknownKeyHint(name: string, known: readonly string[], guess = true): string {
  const suggestion = guess ? nearest(name, known) : undefined;
  const keys = `the keys here are ${known.join(', ')}`;
  return suggestion === undefined ? keys : `did you mean "${suggestion}"? ${keys}`;
}
