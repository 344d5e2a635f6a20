// A difference as a plan shows it: each change with its owner and its line, without secrets; what it opens, and what stands in its way.
import type { Span } from '../base/error.ts';
import type { Owner } from '../cfn/part.ts';
import type { ResourceSchemas } from '../cfn/resource-schema.ts';
import { withoutSecrets } from '../cfn/value-text.ts';
import { type Change, type Detail, difference } from '../stack/difference.ts';
import { type Exposure, exposureOf, type PermissionChange } from '../stack/exposure.ts';
import type { PublicFact } from '../stack/public-facts.ts';
import { type Templates, type Trap, trapsOf } from '../stack/traps.ts';

/** In project.yml; undefined for what the project does not contain. */
export interface Placed {
  readonly at: Span | undefined;
}

export interface PlannedChange extends Change, Placed {
  /** Undefined if only the live template has the resource, and its release did not record the owner. */
  readonly owner: Owner | undefined;
  readonly details: readonly (Detail & Placed)[];
}

export interface Planned {
  readonly changes: readonly PlannedChange[];
  readonly widened: readonly (PermissionChange & Placed)[];
  readonly narrowed: readonly (PermissionChange & Placed)[];
  readonly opened: readonly (PublicFact & Placed)[];
  readonly closed: readonly (PublicFact & Placed)[];
  readonly traps: readonly (Trap & Placed)[];
}

export interface Origins {
  ownerOf(logicalId: string): Owner | undefined;
  /** Undefined if the project has no such resource. */
  placeOf(logicalId: string, path?: readonly string[]): Span | undefined;
}

export function planned(templates: Templates, { ownerOf, placeOf }: Origins, schemas: ResourceSchemas): Planned {
  const changes = difference(templates.live, templates.next, schemas);
  const exposure = exposureOf(templates.live, templates.next);
  const placed = <T extends { readonly logicalId: string; readonly path: readonly string[] }>(item: T) => ({
    ...item,
    at: placeOf(item.logicalId, item.path),
  });
  const part = <K extends keyof Exposure>(key: K) =>
    // the type of a union of arrays has no common `map`
    (exposure[key] as readonly Exposure[K][number][]).map(placed);
  return {
    changes: changes.map((change) => ({
      ...change,
      owner: ownerOf(change.logicalId),
      at: placeOf(change.logicalId),
      details: change.details.map((detail) => ({
        ...withoutSecretValues(detail),
        at: placeOf(change.logicalId, detail.path),
      })),
    })),
    widened: part('widened'),
    narrowed: part('narrowed'),
    opened: part('opened'),
    closed: part('closed'),
    traps: trapsOf(templates, changes, schemas).map(placed),
  };
}

function withoutSecretValues(detail: Detail): Detail {
  const name = [...detail.path].reverse().find((step) => !/^\d+$/.test(step));
  return {
    ...detail,
    ...('before' in detail ? { before: withoutSecrets(detail.before, name) } : {}),
    ...('after' in detail ? { after: withoutSecrets(detail.after, name) } : {}),
  };
}
