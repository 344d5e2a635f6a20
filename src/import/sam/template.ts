// What the parts of a SAM template's conversion share: the draft, and what references to its resources become.
import type { Plain } from '../../base/located.ts';
import { isMap } from '../../base/plain.ts';
import { functionIds, functionResourceId, pascalCase, stateMachineIds } from '../../cfn/names.ts';
import { Cursor, Reading } from '../cursor.ts';
import type { Draft } from '../draft.ts';
import { replaceReferences, withNames } from '../intrinsics.ts';
import { lookup } from '../lookup-text.ts';

export interface SamTemplate {
  readonly draft: Draft;
  readonly root: Cursor;
  /** The folder of the template. */
  readonly folder: string;
  /** Functions by logical id, with their name in project.yml. */
  readonly functions: ReadonlyMap<string, string>;
  /** Every resource by logical id. */
  readonly resources: ReadonlyMap<string, Cursor>;
  /** APIs by logical id, with the key under `rest.apis` or `http.apis`; undefined for the API of the section itself. */
  readonly apis: ReadonlyMap<string, { readonly section: 'rest' | 'http'; readonly name: string | undefined }>;
  readonly layers: ReadonlyMap<string, string>;
  readonly stateMachines: ReadonlyMap<string, string>;
  readonly parameters: ReadonlySet<string>;
}

/** `HelloWorldFunction` → `HelloWorld`, whose logical id in fx is the same again. */
export function functionNameOf(id: string): string {
  const short = id.replace(/(Lambda)?Function$/, '');
  return short === '' ? id : short;
}

/** Logical ids that fx has under another. */
function idsOf(sam: SamTemplate): ReadonlyMap<string, string> {
  const ids = new Map<string, string>([
    ['ServerlessRestApi', 'RestApi'],
    ['ServerlessHttpApi', 'HttpApi'],
    ['ServerlessRestApiProdStage', 'RestApiStage'],
  ]);
  for (const [id, name] of sam.functions) {
    ids.set(id, functionIds(name).function);
    ids.set(`${id}Role`, functionIds(name).role);
    ids.set(`${id}Url`, functionResourceId(name, 'Url'));
    const published = propertyOf(sam, id, 'AutoPublishAlias')?.text();
    if (published !== undefined) ids.set(`${id}Alias${published}`, functionIds(name).alias);
  }
  for (const [id, { section, name }] of sam.apis) {
    const prefix = section === 'rest' ? 'RestApi' : 'HttpApi';
    const ours = name === undefined ? prefix : `${pascalCase(name)}${prefix}`;
    ids.set(id, ours);
    const stage = propertyOf(sam, id, 'StageName')?.text();
    ids.set(stage === undefined ? `${id}ApiGatewayDefaultStage` : `${id}${stage}Stage`, `${ours}Stage`);
  }
  for (const [id, name] of sam.stateMachines) {
    ids.set(id, stateMachineIds(name).machine);
    ids.set(`${id}Role`, stateMachineIds(name).role);
  }
  for (const id of sam.resources.keys()) {
    // a name that only SAM's own resource has elsewhere
    if (ids.get(id) !== undefined && !isSam(sam, id)) ids.delete(id);
  }
  return ids;
}

const isSam = (sam: SamTemplate, id: string) =>
  sam.resources.get(id)?.child('Type')?.text()?.startsWith('AWS::Serverless::') === true;

/** What Globals say of a kind, without reading it. */
export const globalsOf = (sam: SamTemplate, kind: 'Function' | 'Api' | 'HttpApi'): Cursor | undefined =>
  new Cursor(sam.root.value, '', new Reading()).child('Globals')?.child(kind);

const propertyOf = (sam: SamTemplate, id: string, key: string) =>
  sam.resources.get(id)?.child('Properties')?.child(key);

/** The queue or topic that SAM makes for a destination without one. */
export const destinationId = (name: string, on: 'OnSuccess' | 'OnFailure', kind: string): string =>
  functionResourceId(name, `${on}${kind}`);

/** What SAM makes of a resource and names after a dot: `MyFunction.Alias`, `MyApi.Stage`, `MyFunction.DestinationQueue`. */
function madeOf(sam: SamTemplate, id: string, part: string): string | undefined {
  const name = sam.functions.get(id);
  if (name !== undefined && (part === 'Version' || part.startsWith('Alias'))) return functionIds(name).alias;
  const kind = /^Destination(Queue|Topic)$/.exec(part)?.[1];
  if (name !== undefined && kind !== undefined) {
    const invoke = propertyOf(sam, id, 'EventInvokeConfig') ?? globalsOf(sam, 'Function')?.child('EventInvokeConfig');
    const isFailure =
      invoke?.child('DestinationConfig')?.child('OnFailure')?.child('Type')?.text() === destinationTypes[kind];
    return destinationId(name, isFailure ? 'OnFailure' : 'OnSuccess', kind);
  }
  if (part === 'Stage' && sam.apis.has(id)) return `${idsOf(sam).get(id) ?? id}Stage`;
  return undefined;
}

const destinationTypes: Readonly<Record<string, string>> = { Queue: 'SQS', Topic: 'SNS' };

/** A value with fx's logical ids; parameters become params, and a function's ARN that of its live alias. */
export function withOurIds(sam: SamTemplate, value: Plain): Plain {
  const ids = idsOf(sam);
  const aliasOf = (id: string) => functionIds(sam.functions.get(id) ?? '').alias;
  const inSub = (text: string, own: ReadonlySet<string>): string =>
    text.replace(/\$\{([A-Za-z0-9]+)(\.[A-Za-z0-9.]+)?\}/g, (whole, id: string, path: string | undefined) => {
      if (own.has(id)) return whole;
      if (sam.parameters.has(id)) return lookup(`params.${id}`);
      if (sam.functions.has(id) && path === '.Arn') return `\${${aliasOf(id)}}`;
      const [, part = '', rest = ''] = /^\.(\w+)(\..+)?$/.exec(path ?? '') ?? [];
      const made = madeOf(sam, id, part);
      if (made !== undefined) return `\${${made}${rest}}`;
      const ours = ids.get(id);
      return ours === undefined ? whole : `\${${ours}${path ?? ''}}`;
    });
  const reference = (id: string): Plain => {
    if (sam.parameters.has(id)) return lookup(`params.${id}`);
    const [base = '', part] = id.split('.');
    const made = part === undefined ? undefined : madeOf(sam, base, part);
    return { Ref: made ?? ids.get(id) ?? id };
  };
  const attribute = (id: string, path: readonly Plain[]): Plain => {
    if (sam.functions.has(id) && path[0] === 'Arn') return { Ref: aliasOf(id) };
    const [part = '', ...rest] = path.length === 1 && typeof path[0] === 'string' ? path[0].split('.') : [];
    const made = madeOf(sam, id, part);
    if (made !== undefined && rest.length > 0) return { 'Fn::GetAtt': [made, rest.join('.')] };
    return { 'Fn::GetAtt': [ids.get(id) ?? id, ...path] };
  };
  return replaceReferences(value, { reference, attribute, inSub });
}

/** A resource of the template's own, as fx has it: its references, and what it depends on. */
export function plainResource(sam: SamTemplate, value: Plain): Plain {
  const ids = idsOf(sam);
  const names = [...sam.functions.values()].map((name) => functionIds(name));
  return withNames(withOurIds(sam, value), {
    idOf: (id) => ids.get(id) ?? id,
    aliasOf: (id) => names.find((each) => each.function === id)?.alias,
  });
}

/** The logical id in `{Ref: X}` or `{Fn::GetAtt: [X, …]}` or `X`. */
export function idIn(value: Plain | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (!isMap(value ?? null)) return undefined;
  const [entry, ...more] = Object.entries(value as Record<string, Plain>);
  if (entry === undefined || more.length > 0) return undefined;
  const [name, argument] = entry;
  if (name === 'Ref' && typeof argument === 'string') return argument;
  if (name === 'Fn::GetAtt' && typeof argument === 'string') return argument.split('.')[0];
  if (name === 'Fn::GetAtt' && Array.isArray(argument)) return String((argument as readonly Plain[])[0]);
  if (name === 'Fn::Sub' && typeof argument === 'string') return /^\$\{(\w+)(\.\w+)?\}$/.exec(argument)?.[1];
  return undefined;
}

/** A resource of the template by its logical id, else the value with fx's ids. */
export function reference(sam: SamTemplate, value: Plain | undefined): Plain | undefined {
  if (value === undefined) return undefined;
  const id = idIn(value);
  const isOwn = id !== undefined && sam.resources.has(id) && typeof value !== 'string';
  return isOwn && !sam.functions.has(id) ? id : withOurIds(sam, value);
}
