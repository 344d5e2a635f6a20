// Functions that keep the role they have: it exists in AWS only, so the environments name it, and the local one does not.
import type { Plain } from '../base/located.ts';
import { functionIds } from '../cfn/names.ts';
import type { Draft, Place } from './draft.ts';

/** @param environment the environment whose account has the role. */
export function keepRole(
  draft: Draft,
  { name, role, environment }: { readonly name: string; readonly role: Plain; readonly environment: string },
  place: Place,
): void {
  const id = functionIds(name).function;
  const isOutside = typeof role === 'string';
  const path = [...(isOutside ? ['environments', environment] : []), 'extend', id, 'Properties', 'Role'];
  draft.set(path, role, place);
  draft.changed(place, `"${name}" keeps its role; the role that fx makes for it stays unused`, {
    remedy: `write what it may do under permissions, and remove ${path.join('.')}`,
  });
}
