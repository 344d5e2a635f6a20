// What one entry of project.yml adds to the template, and who owns each resource that is generated.
import type { Output, Resource, Value } from './resource.ts';
import type { Path } from './resource-schema.ts';

/** Who a resource of the template belongs to: a function, a layer, the project as a whole (such as the HTTP API that all routes share),
 * or the user, who wrote it under `resources`. */
export type Owner =
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'layer'; readonly name: string }
  | { readonly kind: 'project' }
  | { readonly kind: 'user' };

/** A resource of the template with its owner and the entry of project.yml that asks for it. */
export interface Made {
  readonly resource: Resource;
  readonly owner: Owner;
  /** Such as `['functions', 'orders', 'events', 2]`. */
  readonly from: Path;
  /** The entry that asks for a single property or attribute, where it is not `from`. By the name in the template. */
  readonly propertiesFrom?: Readonly<Record<string, Path>>;
}

export interface MadeOutput {
  readonly output: Output;
  readonly owner: Owner;
}

/** A statement of a function's role. */
export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: readonly Value[];
  readonly Condition?: Value;
}

export function allow(actions: string | readonly string[], resource: Value): Statement {
  return { Effect: 'Allow', Action: [actions].flat(), Resource: [resource] };
}

/** What an event or a setting of a function adds to the template. The compiler notes the owner, so that nothing can name another. */
export interface Part {
  /** By logical id. Parts of one owner may name the same resource: their properties are merged. */
  readonly resources?: Readonly<Record<string, Resource>>;
  readonly outputs?: Readonly<Record<string, Output>>;
  /** What the function's role needs for it. */
  readonly statements?: readonly Statement[];
}
