// What one entry of project.yml adds to the template, and the owner of each generated resource.
import type { Output, Resource, Value } from './resource.ts';
import type { Path } from './resource-schema.ts';

/** The owner of a resource: a function, a layer, the project as a whole (such as the HTTP API that all routes share), a plugin that
 * added it, or the user, who wrote it under `resources`. */
export type Owner =
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'layer'; readonly name: string }
  | { readonly kind: 'project' }
  | { readonly kind: 'plugin'; readonly name: string }
  | { readonly kind: 'user' };

/** A resource of the template with its owner and its entry in project.yml. */
export interface OwnedResource {
  readonly resource: Resource;
  readonly owner: Owner;
  /** For example `['functions', 'orders', 'events', 2]`. */
  readonly from: Path;
  /** The entries of properties or attributes that come from elsewhere than `from`, by name in the template. */
  readonly propertiesFrom?: Readonly<Record<string, Path>>;
}

export interface OwnedOutput {
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

/** What an event adds to a resource that someone else owns, such as the stream of the user's table. */
export interface Addition {
  /** Maps are merged, lists are joined; a value that is already there must be the same. */
  readonly properties: Readonly<Record<string, Value>>;
  /** What must exist before. */
  readonly dependsOn?: readonly string[];
  /** The values of the resource's attributes (`Ref` for itself) that are known without it. They replace references to it in all that it
   * depends on by the addition, which would be cycles. */
  readonly knownValues?: Readonly<Record<string, Value>>;
  /** What the user can do if the addition is impossible. */
  readonly remedy?: string;
}

/** What an event or a setting of a function adds to the template. The compiler sets the owner, so that an event cannot name another. */
export interface Part {
  /** By logical id. Parts with one owner may name the same resource: their properties are merged. */
  readonly resources?: Readonly<Record<string, Resource>>;
  readonly outputs?: Readonly<Record<string, Output>>;
  /** By logical id. */
  readonly additions?: Readonly<Record<string, Addition>>;
  /** The permissions that the function's role needs. */
  readonly statements?: readonly Statement[];
  /** Environment variables of the function; those that the user sets come first. */
  readonly variables?: Readonly<Record<string, Value>>;
}

/** What all events of a kind share, and what it means for functions without such an event. */
export interface SharedPart extends Part {
  /** By function name. */
  readonly functions?: Readonly<Record<string, Pick<Part, 'statements' | 'variables'>>>;
  /** Resources whose logical id ends with a hash of others, so that they are replaced when one of those changes: a deployment of an API
   * is a snapshot. */
  readonly identities?: Readonly<Record<string, readonly string[]>>;
}
