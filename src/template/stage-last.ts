// A REST API's stage that its deployment makes: the deployment moves it at once, and CloudFormation moves it back with nothing. So it comes after
// everything else that may fail.
import type { OwnedResource } from '../cfn/part.ts';
import { dependenciesOf } from './references.ts';

/** The same resources; such a deployment waits for all that does not wait for it. */
export function withStagesLast(ownedResources: ReadonlyMap<string, OwnedResource>): ReadonlyMap<string, OwnedResource> {
  const deployments = [...ownedResources].filter(
    ([, { resource }]) =>
      resource.Type === 'AWS::ApiGateway::Deployment' && resource.Properties?.['StageName'] !== undefined,
  );
  if (deployments.length === 0) return ownedResources;
  const waitsFor = new Map([...ownedResources].map(([id, { resource }]) => [id, dependenciesOf(resource)]));
  const after = followersOf(new Set(deployments.map(([id]) => id)), waitsFor);
  const before = [...ownedResources.keys()].filter((id) => !after.has(id));
  // who waits for the last waits for all
  const awaited = new Set(before.flatMap((id) => waitsFor.get(id) ?? []));
  const last = before.filter((id) => !awaited.has(id));
  return new Map(
    [...ownedResources].map(([id, entry]) => {
      if (!deployments.some(([deployment]) => deployment === id)) return [id, entry];
      const DependsOn = [...new Set([...[entry.resource.DependsOn ?? []].flat(), ...last])];
      return [id, { ...entry, resource: { ...entry.resource, DependsOn } }];
    }),
  );
}

/** The ids, and all that waits for one of them. */
function followersOf(ids: ReadonlySet<string>, waitsFor: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const found = new Set(ids);
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const [id, others] of waitsFor) if (others.some((other) => found.has(other))) found.add(id);
  }
  return found;
}
