// Whether a function is made at all, and what is made before it.
import { byKind, described, list, type Schema, text } from '../base/schema.ts';
import type { Setting } from './setting.ts';

const logicalId = text({ pattern: /^[A-Za-z0-9]{1,255}$/, expected: 'a logical id (letters and digits)' });

/** Put on everything that is made for the function. */
export const condition: Setting<string> = {
  schema: described('The name of a condition under conditions: the function is made only where it holds.', logicalId, {
    examples: ['IsProduction'],
  }),
  own: true,
};

const one: Schema<readonly string[]> = {
  ...logicalId,
  read(value, reading) {
    const read = logicalId.read(value, reading);
    return read === undefined ? undefined : [read];
  },
};

export const dependsOn: Setting<readonly string[]> = {
  schema: described(
    'Logical ids of resources that are made before the function, where no reference says so.',
    byKind<readonly string[]>({ scalar: one, list: list(logicalId), expected: 'a logical id, or a list of them' }),
    { examples: [['Orders']] },
  ),
  own: true,
};
