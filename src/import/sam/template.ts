// What the parts of a SAM template's conversion share: the draft, and what references to its resources become.
import type { Plain } from '../../base/located.ts';
import { isMap } from '../../base/plain.ts';
import { functionIds, pascalCase } from '../../cfn/names.ts';
import type { Cursor } from '../cursor.ts';
import type { Draft } from '../draft.ts';
import { replaceReferences } from '../intrinsics.ts';
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
  }
  for (const [id, { section, name }] of sam.apis) {
    const prefix = section === 'rest' ? 'RestApi' : 'HttpApi';
    ids.set(id, name === undefined ? prefix : `${pascalCase(name)}${prefix}`);
  }
  for (const [id, name] of sam.stateMachines) ids.set(id, `${pascalCase(name)}StateMachine`);
  return ids;
}

/** A value with fx's logical ids; parameters become params, and a function's ARN that of its live alias. */
export function withOurIds(sam: SamTemplate, value: Plain): Plain {
  const ids = idsOf(sam);
  const aliasOf = (id: string) => functionIds(sam.functions.get(id) ?? '').alias;
  const inSub = (text: string, own: ReadonlySet<string>): string =>
    text.replace(/\$\{([A-Za-z0-9]+)(\.[A-Za-z0-9.]+)?\}/g, (whole, id: string, path: string | undefined) => {
      if (own.has(id)) return whole;
      if (sam.parameters.has(id)) return lookup(`params.${id}`);
      if (sam.functions.has(id) && path === '.Arn') return `\${${aliasOf(id)}}`;
      // an alias that SAM makes with AutoPublishAlias
      if (sam.functions.has(id) && path?.startsWith('.Alias')) return `\${${aliasOf(id)}}`;
      const ours = ids.get(id);
      return ours === undefined ? whole : `\${${ours}${path ?? ''}}`;
    });
  const reference = (id: string): Plain => {
    if (sam.parameters.has(id)) return lookup(`params.${id}`);
    // `MyFunction.Version` and `MyFunction.Alias`
    const [base = '', rest] = id.split('.');
    if (rest !== undefined && sam.functions.has(base)) return { Ref: aliasOf(base) };
    return { Ref: ids.get(id) ?? id };
  };
  const attribute = (id: string, path: readonly Plain[]): Plain =>
    sam.functions.has(id) && path[0] === 'Arn' ? { Ref: aliasOf(id) } : { 'Fn::GetAtt': [ids.get(id) ?? id, ...path] };
  return replaceReferences(value, { reference, attribute, inSub });
}

/** The logical id in `{Ref: X}` or `{Fn::GetAtt: [X, …]}` or `X`. */
export function idIn(value: Plain | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (!isMap(value ?? null)) return undefined;
  const [entry, ...more] = Object.entries(value as Record<string, Plain>);
  if (entry === undefined || more.length > 0) return undefined;
  const [name, argument] = entry;
  if (name === 'Ref' && typeof argument === 'string') return argument;
  if (name === 'Fn::GetAtt')
    return typeof argument === 'string' ? argument.split('.')[0] : String((argument as readonly Plain[])[0]);
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
