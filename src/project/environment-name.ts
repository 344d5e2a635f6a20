// The rules for environment names, and messages for names that break them.
import { FxError } from '../base/error.ts';
import { fitted } from '../cfn/names.ts';

/** The name is part of AWS names, some of which are limited to 64 characters. */
const longest = 20;
export const environmentPattern = /^[a-z][a-z0-9-]{0,19}$/;
const rule = `lower-case letters, digits and -, beginning with a letter, at most ${longest} characters`;

/** A name from any text, such as a branch: equal text gives equal names, and a long name ends with a hash of the whole. */
export function environmentNameFor(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return fitted(/^[a-z]/.test(plain) ? plain : `e-${plain}`, longest).replace(/-+$/, '');
}

/** Throws ENVIRONMENT_UNKNOWN with the broken rules and a valid name. */
export function refuseName(name: string): never {
  const faults = [
    ...(name.length > longest ? [`it is ${name.length} characters long, ${name.length - longest} too many`] : []),
    ...(/[A-Z]/.test(name) ? ['it has capital letters'] : []),
    ...(/[^A-Za-z0-9-]/.test(name) ? ['it has characters other than letters, digits and -'] : []),
    ...(/^[^A-Za-z]/.test(name) ? ['it does not begin with a letter'] : []),
  ];
  throw new FxError('ENVIRONMENT_UNKNOWN', `"${name}" cannot be the name of an environment: ${faults.join('; ')}`, {
    hint: `a name has ${rule}; try "${environmentNameFor(name)}" (fx envs --name-for TEXT makes one from a branch)`,
  });
}
