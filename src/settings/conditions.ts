// Whether a function is created, and which resources come before it.
import { byKind, described, list, type Schema, text } from '../base/schema.ts';
import type { Setting } from './setting.ts';

const logicalId = text({ pattern: /^[A-Za-z0-9]{1,255}$/, expected: 'a logical id (letters and digits)' });

/** Applies to everything that the function owns. */
export const condition: Setting<string> = {
  schema: described('A condition under conditions. The function is created only if it holds.', logicalId, {
    examples: ['IsProduction'],
  }),
  functionOnly: true,
};

const single: Schema<readonly string[]> = {
  ...logicalId,
  read(value, reading) {
    const read = logicalId.read(value, reading);
    return read === undefined ? undefined : [read];
  },
};

export const dependsOn: Setting<readonly string[]> = {
  schema: described(
    'Logical ids of resources to create before the function, if no reference implies the order.',
    byKind<readonly string[]>({ scalar: single, list: list(logicalId), expected: 'a logical id, or a list of them' }),
    { examples: [['Orders']] },
  ),
  functionOnly: true,
};
