// Lambda@Edge: the associations of distributions with versions, and what the role of such a function needs besides.

import type { OwnedResource, Statement } from '../cfn/part.ts';
import { type Resource, ref, sub, type Value } from '../cfn/resource.ts';
import type { EdgeEvent } from '../events/edge.ts';
import { usesOf } from '../project/event-uses.ts';
import { type FunctionSettings, isAtEdge, type Project } from '../project/project.ts';
import { siteDistributionId } from './site-resources.ts';

/** The services that assume the role of a function.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-permissions.html */
export function servicesOfRole(settings: FunctionSettings): string | readonly string[] {
  const lambda = 'lambda.amazonaws.com';
  return isAtEdge(settings) ? [lambda, 'edgelambda.amazonaws.com'] : lambda;
}

/** The log group of the function, which it makes in each region where it runs: a group with a name of its own has no region in its name.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-logs.html */
export function edgeStatements(settings: FunctionSettings): readonly Statement[] {
  const { logGroup } = settings;
  if (!isAtEdge(settings) || logGroup === undefined) return [];

  return [
    {
      Effect: 'Allow',
      Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: [sub(`arn:\${AWS::Partition}:logs:*:\${AWS::AccountId}:log-group:${logGroup}:*`)],
    },
  ];
}

interface Association {
  readonly config: EdgeEvent;
  readonly value: Value;
}

/** Distributions with their associations. They name versions, whose ids are known last: an alias or $LATEST is refused by CloudFront. */
export function withEdge(
  project: Project,
  ownedResources: ReadonlyMap<string, OwnedResource>,
  versionIds: ReadonlyMap<string, string>,
): ReadonlyMap<string, OwnedResource> {
  const all = new Map(ownedResources);
  for (const { use } of usesOf('edge', project.functions)) {
    const config: EdgeEvent = use.config;
    const id = config.distribution ?? siteDistributionId;
    const entry = all.get(id);
    const version = versionIds.get(use.function.name);
    if (entry === undefined || version === undefined) continue;
    const association = {
      EventType: config.on,
      ...(config.body ? { IncludeBody: true } : {}),
      LambdaFunctionARN: ref(version),
    };
    const { condition } = use.function;
    const value = condition === undefined ? association : { 'Fn::If': [condition, association, ref('AWS::NoValue')] };
    all.set(id, { ...entry, resource: associated(project, entry.resource, { config, value }) });
  }
  return all;
}

interface Behavior {
  readonly [name: string]: Value;
}

function associated(project: Project, distribution: Resource, { config, value }: Association): Resource {
  const written = (distribution.Properties?.['DistributionConfig'] ?? {}) as Readonly<Record<string, Value>>;
  const added = (behavior: Behavior): Behavior => {
    const before = (behavior['LambdaFunctionAssociations'] ?? []) as readonly Value[];
    return { ...behavior, LambdaFunctionAssociations: [...before, value] };
  };
  const api = project.site?.api?.value ?? '';
  const paths = config.of === 'api' ? [api, `${api}/*`] : [config.path].flatMap((path) => path ?? []);
  const behaviors = (written['CacheBehaviors'] ?? []) as readonly Behavior[];
  const changed =
    paths.length === 0
      ? { ...written, DefaultCacheBehavior: added((written['DefaultCacheBehavior'] ?? {}) as Behavior) }
      : {
          ...written,
          CacheBehaviors: behaviors.map((one) => (paths.includes(String(one['PathPattern'])) ? added(one) : one)),
        };
  return { ...distribution, Properties: { ...distribution.Properties, DistributionConfig: changed } };
}
