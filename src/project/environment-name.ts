// The rules for names of environments, and what is wrong with a name that breaks them.
import { FxError } from '../base/error.ts';
import { fitted } from '../cfn/names.ts';

/** It is a part of names in AWS, some of which end at 64 characters. */
const longest = 20;
export const environmentPattern = /^[a-z][a-z0-9-]{0,19}$/;
const rule = `lower-case letters, digits and -, beginning with a letter, at most ${longest} characters`;

/** A name from any text, such as a branch: equal for equal text, and a hash of the whole at the end of a long one. */
export function environmentNameFor(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return fitted(/^[a-z]/.test(plain) ? plain : `e-${plain}`, longest).replace(/-+$/, '');
}

/** Throws ENVIRONMENT_UNKNOWN with the rules that the name breaks, and a valid one. */
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
