// Messages for unknown keys: the fx name of another tool's key, the nearest known key, and the list of keys.
import { nearest } from './suggest.ts';

/** Message and hint. A key of another tool gets its fx name, whatever its case and with or without -.
 * @param given the keys of the same map: of two keys that are as near, the one that is not there yet was meant. */
export function unknownKey(
  name: string,
  known: readonly string[],
  {
    elsewhere = {},
    given,
  }: { readonly elsewhere?: Readonly<Record<string, string>>; readonly given: Iterable<string> },
): [message: string, hint: string] {
  const folded = (key: string) => key.toLowerCase().replace(/[_-]/g, '');
  const foreign = Object.keys(elsewhere).find((key) => folded(key) === folded(name));
  const ours = foreign === undefined ? known.find((key) => folded(key) === folded(name)) : elsewhere[foreign];
  if (ours === undefined) return [`unknown key "${name}"`, unknownKeyHint(name, known, { given })];
  const isKey = known.includes(ours.split('.')[0] ?? '');
  return isKey
    ? [`"${name}" is called \`${ours}\` here`, unknownKeyHint(name, known, { guess: false })]
    : [`unknown key "${name}"`, ours];
}

/** `did you mean …?` with the list of keys. */
export function unknownKeyHint(
  name: string,
  known: readonly string[],
  { guess = true, given = [] }: { readonly guess?: boolean; readonly given?: Iterable<string> } = {},
): string {
  const there = new Set(given);
  const absentFirst = [...known.filter((key) => !there.has(key)), ...known.filter((key) => there.has(key))];
  const suggestion = guess ? nearest(name, absentFirst) : undefined;
  const keys = `the keys here are ${known.join(', ')}`;
  return suggestion === undefined ? keys : `did you mean "${suggestion}"? ${keys}`;
}
