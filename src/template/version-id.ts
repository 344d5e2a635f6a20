// The logical id of a version: it changes exactly when Lambda would publish a new version.
import { sha256 } from '../base/hash.ts';
import { isMap } from '../base/plain.ts';
import { functionIdsIn } from '../cfn/logical-ids.ts';
import { canonicalJson, type Resource, referencesIn, type Template } from '../cfn/resource.ts';
import { type ResourceSchemas, replacementOf } from '../cfn/resource-schema.ts';

/** Properties of a function that are not part of a published version.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html */
const outsideVersion: ReadonlySet<string> = new Set([
  'Code', // the artifact's key takes its place
  'FunctionName',
  'ReservedConcurrentExecutions',
  'Tags',
  'RecursiveLoop',
  'RuntimeManagementConfig',
  'CodeSigningConfigArn',
]);
/** Lambda's defaults, by property path: writing one out changes nothing, so it publishes nothing.
 * https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html and API_LoggingConfig.html there */
const lambdaDefaults: Readonly<Record<string, unknown>> = {
  Description: '',
  'Environment.Variables': {},
  ImageConfig: {},
  Layers: [],
  'LoggingConfig.LogFormat': 'Text',
  'LoggingConfig.ApplicationLogLevel': 'INFO',
  'LoggingConfig.SystemLogLevel': 'INFO',
  'SnapStart.ApplyOn': 'None',
  'TracingConfig.Mode': 'PassThrough',
  'VpcConfig.Ipv6AllowedForDualStack': false,
};
const hashLength = 12;

export interface Snapshot {
  readonly prefix: string;
  readonly function: Resource;
  readonly artifactKey: string;
}

/** `<prefix><hash>`. A value from another resource counts with the identity of that resource: when it is replaced,
 * Lambda sees a new value, though the reference reads the same. */
export function versionId(
  snapshot: Snapshot,
  resources: ReadonlyMap<string, Resource>,
  schemas: ResourceSchemas,
): string {
  const properties = Object.entries(snapshot.function.Properties ?? {}).filter(([name]) => !outsideVersion.has(name));
  const settings = withoutDefaults(Object.fromEntries(properties));
  const identities = identitiesBehind(settings, resources, schemas, new Set());
  const text = canonicalJson({ code: snapshot.artifactKey, settings, identities });
  return `${snapshot.prefix}${sha256(text).slice(0, hashLength)}`;
}

/** Without Lambda's defaults, and without maps that are then empty. */
function withoutDefaults(value: Readonly<Record<string, unknown>>, above = ''): Record<string, unknown> {
  const kept = Object.entries(value).flatMap(([key, property]): [string, unknown][] => {
    const path = above === '' ? key : `${above}.${key}`;
    if (Object.hasOwn(lambdaDefaults, path) && canonicalJson(property) === canonicalJson(lambdaDefaults[path]))
      return [];
    if (above !== '' || !isMap(property)) return [[key, property]];
    const rest = withoutDefaults(property, key);
    return Object.keys(rest).length === 0 ? [] : [[key, rest]];
  });
  return Object.fromEntries(kept);
}

function identitiesBehind(
  value: unknown,
  resources: ReadonlyMap<string, Resource>,
  schemas: ResourceSchemas,
  seen: Set<string>,
): Record<string, unknown> {
  const identities: Record<string, unknown> = {};
  for (const { logicalId, attribute } of referencesIn(value)) {
    const resource = resources.get(logicalId);
    // an attribute may return a property that changes in place, such as the Value of an AWS::SSM::Parameter
    const name = attribute?.split('.')[0] ?? '';
    const returned = resource?.Properties?.[name];
    if (returned !== undefined && !seen.has(`${logicalId}.${name}`)) {
      seen.add(`${logicalId}.${name}`);
      identities[`${logicalId}.${name}`] = returned;
      Object.assign(identities, identitiesBehind(returned, resources, schemas, seen));
    }
    if (resource === undefined || seen.has(logicalId)) continue;
    seen.add(logicalId);
    const identity = identityOf(resource, schemas);
    identities[logicalId] = identity;
    Object.assign(identities, identitiesBehind(identity, resources, schemas, seen));
  }
  return identities;
}

/** The type, and the properties whose change replaces the resource. */
function identityOf(resource: Resource, schemas: ResourceSchemas): unknown {
  const schema = schemas(resource.Type);
  const fixed = Object.entries(resource.Properties ?? {}).filter(
    ([name]) => schema !== undefined && replacementOf(schema, [name]) === 'yes',
  );
  return { Type: resource.Type, ...Object.fromEntries(fixed) };
}

/** The logical id of the version that the live alias of a function names; '' if the template has no such alias. */
export function liveVersionId(template: Template, name: string): string {
  const version = template.Resources[functionIdsIn(template, name).alias]?.Properties?.['FunctionVersion'];
  const named = (version as { readonly 'Fn::GetAtt'?: readonly unknown[] } | undefined)?.['Fn::GetAtt']?.[0];
  return typeof named === 'string' ? named : '';
}
