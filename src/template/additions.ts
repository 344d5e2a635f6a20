// What event sources add to resources of the user, such as the stream of a table.
import { isMap } from '../base/plain.ts';
import type { Resource, Value } from '../cfn/resource.ts';
import { isIntrinsic } from '../cfn/resource-schema.ts';

/** Maps are merged, lists are joined, and what the user wrote stays. */
export function withAdditions(resource: Resource, additions: readonly Readonly<Record<string, Value>>[]): Resource {
  if (additions.length === 0) return resource;
  let properties: unknown = resource.Properties ?? {};
  for (const added of additions) properties = joined(properties, added);
  return { ...resource, Properties: properties as Record<string, Value> };
}

function joined(written: unknown, added: unknown): unknown {
  if (Array.isArray(written) && Array.isArray(added)) return [...written, ...added];
  // CloudFormation makes a value of an intrinsic; nothing can be added
  const isValue: boolean = isIntrinsic(written);
  if (isValue || !isMap(written) || !isMap(added)) return written;
  const entries = Object.entries(added).map(([key, value]) => [
    key,
    Object.hasOwn(written, key) ? joined(written[key], value) : value,
  ]);
  return { ...written, ...Object.fromEntries(entries) };
}
