// The logical id of a version: it changes exactly when Lambda would publish something new.
import { sha256 } from '../base/hash.ts';
import { canonicalJson, type Resource, referencesIn } from '../cfn/resource.ts';
import { type ResourceSchemas, replacementOf } from '../cfn/resource-schema.ts';

/** Properties of a function that are not part of a published version.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html */
const outsideVersion: ReadonlySet<string> = new Set([
  'Code', // the manifest's hash stands in its place
  'FunctionName',
  'ReservedConcurrentExecutions',
  'Tags',
  'RecursiveLoop',
  'RuntimeManagementConfig',
  'CodeSigningConfigArn',
]);
/** What Lambda takes where fx writes nothing by itself: writing it changes nothing, and so publishes nothing. By the path of the property.
 * https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html and API_LoggingConfig.html there */
const ofLambda: Readonly<Record<string, unknown>> = {
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

/** `<prefix><hash>`. A value that comes from another resource counts with what identifies that resource: when it is replaced,
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

/** Without what Lambda would take anyway, and the maps that are left empty by that. */
function withoutDefaults(value: Readonly<Record<string, unknown>>, above = ''): Record<string, unknown> {
  const kept = Object.entries(value).flatMap(([key, one]): [string, unknown][] => {
    const path = above === '' ? key : `${above}.${key}`;
    if (Object.hasOwn(ofLambda, path) && canonicalJson(one) === canonicalJson(ofLambda[path])) return [];
    if (above !== '' || !isMap(one)) return [[key, one]];
    const rest = withoutDefaults(one, key);
    return Object.keys(rest).length === 0 ? [] : [[key, rest]];
  });
  return Object.fromEntries(kept);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
    // an attribute may hand on a property that changes in place, such as the Value of an AWS::SSM::Parameter
    const name = attribute?.split('.')[0] ?? '';
    const handedOn = resource?.Properties?.[name];
    if (handedOn !== undefined && !seen.has(`${logicalId}.${name}`)) {
      seen.add(`${logicalId}.${name}`);
      identities[`${logicalId}.${name}`] = handedOn;
      Object.assign(identities, identitiesBehind(handedOn, resources, schemas, seen));
    }
    if (resource === undefined || seen.has(logicalId)) continue;
    seen.add(logicalId);
    const identity = identityOf(resource, schemas);
    identities[logicalId] = identity;
    Object.assign(identities, identitiesBehind(identity, resources, schemas, seen));
  }
  return identities;
}

/** The type and those properties whose change makes another resource of it. */
function identityOf(resource: Resource, schemas: ResourceSchemas): unknown {
  const schema = schemas(resource.Type);
  const fixed = Object.entries(resource.Properties ?? {}).filter(
    ([name]) => schema !== undefined && replacementOf(schema, [name]) === 'yes',
  );
  return { Type: resource.Type, ...Object.fromEntries(fixed) };
}
