// What the parts of a conversion share: the draft, the names of functions and resources, and the plugins in use.
import type { Plain } from '../../base/located.ts';
import { isMap } from '../../base/plain.ts';
import { functionIds, functionResourceId, pascalCase } from '../../cfn/names.ts';
import type { Cursor } from '../cursor.ts';
import type { Draft } from '../draft.ts';
import { replaceReferences } from '../intrinsics.ts';
import { hasLookups, withValues } from '../lookup-text.ts';

export interface Service {
  readonly draft: Draft;
  readonly stage: string;
  readonly region: string;
  /** The folder of the configuration. */
  readonly folder: string;
  /** Whether fx goes on with the stack of the service. */
  readonly adopting: boolean;
  readonly root: Cursor;
  readonly provider: Cursor | undefined;
  readonly plugins: ReadonlySet<string>;
  /** The functions by their key in the source, with their name in project.yml. */
  readonly functions: ReadonlyMap<string, string>;
  /** The logical ids under resources.Resources. */
  readonly resources: ReadonlyMap<string, Cursor>;
  /** Why a value is not known: a file that is not here, for example. */
  reasonFor(value: Plain): string | undefined;
  /** Why the stage or the region is a default, where the service has one that is not known here. */
  readonly assumed: ReadonlyMap<'stage' | 'region', string>;
  /** The value of a key of `custom`. */
  custom(key: string): Promise<Cursor | undefined>;
  /** The names of buckets and topics that events make, with their logical ids. */
  readonly made: Map<string, string>;
  /** Parameters of the template, which have no place in project.yml: their values. */
  readonly parameters: Map<string, Plain>;
}

/** The Serverless Framework's part of a logical id for a function's key.
 * https://www.serverless.com/framework/docs/providers/aws/guide/resources */
export function normalized(name: string): string {
  const text = name.replaceAll('-', 'Dash').replaceAll('_', 'Underscore');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A logical id from any text, as the Serverless Framework makes those of buckets and topics. */
export function alphanumeric(text: string): string {
  const id = text.replace(/[^A-Za-z0-9]/g, '');
  return id.charAt(0).toUpperCase() + id.slice(1);
}

/** The text with the values of this stage. */
export function actualText(service: Service, text: string): string | undefined {
  if (!hasLookups(text)) return text;
  return withValues(text, (name) => (name === 'env' ? service.stage : name === 'region' ? service.region : undefined));
}

/** What references are looked up in. */
export type Names = Pick<Service, 'functions' | 'resources' | 'parameters'> & Partial<Pick<Service, 'draft' | 'root'>>;

/** Logical ids of the Serverless Framework that fx has under another. */
export function logicalIdsOf(service: Pick<Service, 'functions'>): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  for (const [key, name] of service.functions) {
    const prefix = normalized(key);
    const ours = functionIds(name);
    ids.set(`${prefix}LambdaFunction`, ours.function);
    ids.set(`${prefix}LogGroup`, ours.logGroup);
    ids.set(`${prefix}IamRoleLambdaExecution`, ours.role);
    ids.set(`${prefix}LambdaFunctionUrl`, functionResourceId(name, 'Url'));
  }
  ids.set('ApiGatewayRestApi', 'RestApi');
  ids.set('HttpApi', 'HttpApi');
  ids.set('HttpApiStage', 'HttpApiStage');
  ids.set('WebsocketsApi', 'WebSocketApi');
  ids.set('WebsocketsDeploymentStage', 'WebSocketApiStage');
  return ids;
}

/** Attributes that CloudFormation still answers, and calls otherwise today. */
const oldAttributes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'AWS::Elasticsearch::Domain': { DomainArn: 'Arn' },
};

const sharedRole = 'IamRoleLambdaExecution';

/** The values of CloudFormation with fx's logical ids. A function's ARN becomes that of its live alias. */
export function withOurIds(service: Names, value: Plain): Plain {
  const ids = logicalIdsOf(service);
  const isFunction = (id: string) => id.endsWith('LambdaFunction') && ids.has(id) && !service.resources.has(id);
  const aliasOf = (id: string) => (ids.get(id) ?? '').replace(/Function$/, 'Alias');
  const roles = [...service.functions.values()].map((name) => functionIds(name).role);
  // where one role is asked for, there is one for each function
  const firstRole = (): string => {
    const [first = sharedRole, ...others] = roles;
    if (others.length > 0 && service.root !== undefined) {
      service.draft?.changed(
        { path: 'resources', at: service.root.at },
        `${sharedRole} is the role of all functions there, and each has one of its own here: what names it names ${first} only`,
        { remedy: `name the others too, such as ${others[0]}` },
      );
    }
    return first;
  };
  const attribute = (id: string, path: readonly Plain[]): Plain => {
    const own = service.resources.get(id);
    if (own !== undefined) {
      const renamed =
        typeof path[0] === 'string' ? oldAttributes[own.child('Type')?.text() ?? '']?.[path[0]] : undefined;
      return { 'Fn::GetAtt': renamed === undefined ? [id, ...path] : [id, renamed] };
    }
    if (isFunction(id) && path[0] === 'Arn') return { Ref: aliasOf(id) };
    if (id === sharedRole && roles.length > 0) return { 'Fn::GetAtt': [firstRole(), ...path] };
    return { 'Fn::GetAtt': [ids.get(id) ?? id, ...path] };
  };
  const reference = (id: string): Plain => {
    if (service.parameters.has(id)) return service.parameters.get(id) ?? null;
    if (service.resources.has(id)) return { Ref: id };
    if (id === sharedRole && roles.length > 0) return { Ref: firstRole() };
    return { Ref: ids.get(id) ?? id };
  };
  const inSub = (text: string): string =>
    text.replace(/\$\{([A-Za-z0-9]+)(\.[A-Za-z0-9.]+)?\}/g, (whole, id: string, path: string | undefined) => {
      if (service.resources.has(id)) return whole;
      if (isFunction(id) && path === '.Arn') return `\${${aliasOf(id)}}`;
      const parameter = service.parameters.get(id);
      if (parameter !== undefined && typeof parameter !== 'object') return String(parameter);
      const ours = id === sharedRole && roles.length > 0 ? firstRole() : ids.get(id);
      return ours === undefined ? whole : `\${${ours}${path ?? ''}}`;
    });
  // a list of roles gets the roles of all functions
  const items = (item: Plain): readonly Plain[] | undefined => {
    if (!isMap(item) || idIn(item) !== sharedRole || service.resources.has(sharedRole)) return undefined;
    const [, ...path] = (item['Fn::GetAtt'] ?? []) as readonly Plain[];
    if (roles.length === 0) return [item];
    return roles.map((role) => (path.length === 0 ? { Ref: role } : { 'Fn::GetAtt': [role, ...path] }));
  };
  return replaceReferences(value, { reference, attribute, inSub, items });
}

/** The logical id in `{Ref: X}` or `{Fn::GetAtt: [X, …]}`; undefined for anything else. */
export function idIn(value: Plain): string | undefined {
  if (!isMap(value)) return undefined;
  const [entry, ...more] = Object.entries(value);
  if (entry === undefined || more.length > 0) return undefined;
  const [name, argument] = entry;
  if (name === 'Ref' && typeof argument === 'string') return argument;
  if (name !== 'Fn::GetAtt') return undefined;
  if (typeof argument === 'string') return argument.split('.')[0];
  return Array.isArray(argument) ? String((argument as readonly Plain[])[0]) : undefined;
}

/** A valid function name of fx. */
export function functionNameOf(key: string): string {
  const name = key.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^[^A-Za-z]+/, '');
  return name === '' ? `function-${pascalCase(key)}` : name;
}
