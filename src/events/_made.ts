// What an event names or lets fx make: a logical id, an ARN or an intrinsic of something that is there, or `{make: …}`.
import type { Plain } from '../base/located.ts';
import { described, type Schema, text } from '../base/schema.ts';
import { intrinsic } from '../cfn/value-schema.ts';

export type Named<M> =
  /** A logical id, or an ARN (text or intrinsic). */
  { readonly kind: 'existing'; readonly named: Plain } | { readonly kind: 'made'; readonly made: M };

/** The key `make`: true, if fx derives the logical id from the function. */
export function makeKey(about: string, example: string): Schema<true | string> {
  const logicalId = text({ pattern: /^[A-Za-z][A-Za-z0-9]*$/, expected: 'true or a logical id (letters and digits)' });
  return {
    expected: logicalId.expected,
    json: { description: about, anyOf: [{ enum: [true] }, logicalId.json], examples: [example] },
    read: (value, reading) => (value.kind === 'scalar' && value.value === true ? true : logicalId.read(value, reading)),
  };
}

/** `what` is, for example, `a queue`. */
export function namedOrMade<M>(
  what: string,
  made: Schema<M>,
  docs: { about: string; example: string },
): Schema<Named<M>> {
  const expected = `the logical id or ARN of ${what}, or {make: …}`;
  const name = text({ expected });
  const reference = intrinsic(expected);
  return described(
    docs.about,
    {
      expected,
      json: { anyOf: [name.json, reference.json, made.json] },
      keys: (value, reading) => {
        if (value.kind === 'map' && value.entries.has('make')) made.keys?.(value, reading);
      },
      read(value, reading) {
        if (value.kind === 'map' && [...value.entries.keys()].some((key) => key !== 'Ref' && !key.startsWith('Fn::'))) {
          const read = made.read(value, reading);
          return read === undefined ? undefined : { kind: 'made', made: read };
        }
        const existing = value.kind === 'map' ? reference.read(value, reading) : name.read(value, reading);
        return existing === undefined ? undefined : { kind: 'existing', named: existing };
      },
    },
    { examples: [docs.example, { make: docs.example }] },
  );
}
