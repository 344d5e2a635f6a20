// Resolves the variables of a service. What fx looks up itself (stage, region, environment variables, parameters, outputs of
// stacks) becomes a lookup of project.yml, the rest its value; what cannot be found becomes a param to fill in.
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { Span } from '../../base/error.ts';
import { type Entry, fromPlain, type Located, type LocatedMap, type Plain, valueAt } from '../../base/located.ts';
import { hasLookups, lookup, partsOf, withValues } from '../lookup-text.ts';
import { readValue, takesAddress } from './read.ts';
import { hasVariable, type Part, parseVariables, type Source, type Variable } from './variable-text.ts';

/** A value under `params` that the import makes. */
export interface Param {
  readonly value: Plain;
  /** In the environment `local`, where the value does not exist. */
  readonly local?: Plain;
  readonly comment?: string;
}

export interface Unresolved {
  readonly path: string;
  readonly at: Span;
  /** As written. */
  readonly variable: string;
  readonly reason: string;
  /** The param that stands in its place. */
  readonly param: string;
}

export interface World {
  readonly root: LocatedMap;
  /** The folder of the configuration. */
  readonly folder: string;
  readonly shownFrom: string;
  /** The stage asked for; else the service's own. */
  readonly stage: string | undefined;
  readonly options: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Whether fx goes on with the stack of the service. */
  readonly adopting?: boolean;
}

type Outcome = { readonly value: Located } | { readonly missing: string };
const missing = (reason: string): Outcome => ({ missing: reason });

export const placeholder = 'set-me';
const longestTrail = 60;
const circle = 'refers to itself';

/** The values of one stage. */
export class Variables {
  readonly #world: World;
  readonly #files = new Map<string, Promise<Outcome>>();
  /** While the stage itself is resolved, `opt:stage` is what the command line has. */
  #bare: 'stage' | 'region' | undefined;
  stage = 'dev';
  region = 'us-east-1';
  /** Why one of them is a default. */
  readonly assumed = new Map<'stage' | 'region', string>();
  readonly params = new Map<string, Param>();
  readonly unresolved: Unresolved[] = [];
  /** Files that are not here, where another value stands. */
  readonly fallbacks: Omit<Unresolved, 'param'>[] = [];
  /** Of the text under way. */
  #path = '';
  /** The names that `param:` was asked for. */
  readonly usedParams = new Set<string>();
  /** The first two steps of each `self:` address. */
  readonly referenced = new Set<string>();
  /** What a variable `construct:` stands for. */
  construct: (address: string) => Plain | undefined = () => undefined;
  /** Whether `#{AWS::Region}` is a pseudo parameter, by a plugin. */
  hasPseudoParameters = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** Finds the stage and the region, on which all else depends. */
  async start(): Promise<void> {
    this.#noteReferences(this.#world.root);
    this.#bare = 'stage';
    const stage = await this.#self('provider.stage', []);
    this.stage = this.#world.stage ?? this.#textOf(stage) ?? this.#world.options['stage'] ?? 'dev';
    if (this.#world.stage === undefined) this.#assume('stage', stage);
    this.#bare = 'region';
    const region = await this.#self('provider.region', []);
    this.region = this.#textOf(region) ?? 'us-east-1';
    this.#assume('region', region);
    this.#bare = undefined;
  }

  #assume(key: 'stage' | 'region', outcome: Outcome): void {
    const written = valueAt(this.#world.root, `provider.${key}`.split('.'));
    if (this.#textOf(outcome) !== undefined || written?.kind !== 'scalar' || written.value === null) return;
    this.assumed.set(key, 'value' in outcome ? `it is ${String(written.value)}` : outcome.missing);
  }

  /** A fallback that is not needed is a reference, too. */
  #noteReferences(value: Located): void {
    if (value.kind === 'list') for (const item of value.items) this.#noteReferences(item);
    else if (value.kind === 'map') for (const entry of value.entries.values()) this.#noteReferences(entry.value);
    else
      for (const [, key] of String(value.value).matchAll(/self:custom\.([\w-]+)/g))
        this.referenced.add(`custom.${key}`);
  }

  #textOf(outcome: Outcome): string | undefined {
    if (!('value' in outcome) || outcome.value.kind !== 'scalar' || outcome.value.value === null) return undefined;
    return withValues(String(outcome.value.value), (name) => this.#actual(name));
  }

  /** A value with all its variables resolved. */
  async resolve(value: Located, path: string): Promise<Located> {
    if (value.kind === 'list') {
      const items: Located[] = [];
      for (const [index, item] of value.items.entries()) items.push(await this.resolve(item, `${path}[${index}]`));
      return { ...value, items };
    }
    if (value.kind === 'map') {
      const entries = new Map<string, Entry>();
      for (const [key, entry] of value.entries) {
        const below = path === '' ? key : `${path}.${key}`;
        entries.set(key, { ...entry, value: await this.resolve(entry.value, below) });
      }
      return { ...value, entries };
    }
    if (typeof value.value !== 'string') return value;
    this.#path = path;
    const resolved = await this.#text(value.value, value.at, path, []);
    return this.#withPseudoParameters('value' in resolved ? resolved.value : value);
  }

  /** `#{AWS::Region}` → `{Fn::Sub: ${AWS::Region}}`. */
  #withPseudoParameters(value: Located): Located {
    if (!this.hasPseudoParameters || value.kind !== 'scalar' || !/#\{[\w:.]+\}/.test(String(value.value))) return value;
    return fromPlain(
      { 'Fn::Sub': String(value.value).replace(/#\{([\w:.]+)\}/g, (_, name) => `\${${name}}`) },
      value.at,
    );
  }

  /** One text. A missing value becomes a param. */
  async #text(text: string, at: Span, path: string, trail: readonly string[]): Promise<Outcome> {
    if (!hasVariable(text)) return { value: { kind: 'scalar', at, value: text } };
    const parts = parseVariables(text);
    const [only, ...more] = parts;
    if (only !== undefined && typeof only !== 'string' && more.length === 0) {
      const outcome = await this.#variable(only, at, trail);
      const value =
        'value' in outcome ? outcome.value : await this.#standInFor(only, { reason: outcome.missing, at, path, trail });
      // a scalar is where it is used; a map keeps the places of its values
      return { value: value.kind === 'scalar' ? { ...value, at } : value };
    }
    let joined = '';
    for (const part of parts) {
      if (typeof part === 'string') {
        joined += part;
        continue;
      }
      const outcome = await this.#variable(part, at, trail);
      const value =
        'value' in outcome ? outcome.value : await this.#standInFor(part, { reason: outcome.missing, at, path, trail });
      if (value.kind === 'scalar') joined += value.value === null ? '' : String(value.value);
      else {
        // sls refuses a map in a text; an intrinsic makes a Join of it
        const whole = await this.#joined(parts, at, path, trail);
        return { value: whole };
      }
    }
    return { value: { kind: 'scalar', at, value: joined } };
  }

  /** A text with intrinsics in it. */
  async #joined(parts: readonly Part[], at: Span, path: string, trail: readonly string[]): Promise<Located> {
    const items: Located[] = [];
    for (const part of parts) {
      if (typeof part === 'string') items.push({ kind: 'scalar', at, value: part });
      else {
        const outcome = await this.#variable(part, at, trail);
        items.push('value' in outcome ? outcome.value : this.#standIn(part, outcome.missing, at, path));
      }
    }
    const list: Located = {
      kind: 'list',
      at,
      items: [
        { kind: 'scalar', at, value: '' },
        { kind: 'list', at, items },
      ],
    };
    return { kind: 'map', at, entries: new Map([['Fn::Join', { keyAt: at, value: list }]]) };
  }

  /** What stands in the place of a value that was not found. Of a text that refers to it, only the missing part is a param. */
  async #standInFor(
    variable: Variable,
    { reason, at, path, trail }: { reason: string; at: Span; path: string; trail: readonly string[] },
  ): Promise<Located> {
    const [source, ...others] = variable.sources;
    const address = source?.kind === 'lookup' && source.type === 'self' ? source.address : [];
    const step = `self:${address.join('')}`;
    if (others.length === 0 && address.length > 0 && address.every((part) => typeof part === 'string')) {
      const referred = valueAt(this.#world.root, address.join('').split('.'));
      const text = referred?.kind === 'scalar' && typeof referred.value === 'string' ? referred.value : '';
      if (referred !== undefined && hasVariable(text) && !trail.includes(step) && !reason.endsWith(circle)) {
        const outcome = await this.#text(text, referred.at, address.join(''), [...trail, step]);
        if ('value' in outcome) return outcome.value;
      }
    }
    return this.#standIn(variable, reason, at, path);
  }

  /** Why the value is not known, if a param stands in its place. */
  reasonFor(value: Plain): string | undefined {
    return this.unresolved.find(({ param }) => value === lookup(`params.${param}`))?.reason;
  }

  /** The param in the place of a value that was not found. */
  #standIn(variable: Variable, reason: string, at: Span, path: string): Located {
    const known = this.unresolved.find((other) => other.variable === variable.text);
    const param = known?.param ?? this.#freeName(nameFor(variable));
    if (known === undefined) {
      this.params.set(param, { value: placeholder, comment: `${variable.text}: ${reason}. Set the value` });
    }
    this.unresolved.push({ path, at, variable: variable.text, reason, param });
    return { kind: 'scalar', at, value: lookup(`params.${param}`) };
  }

  #freeName(name: string): string {
    let free = name;
    for (let count = 2; this.params.has(free); count++) free = `${name}${count}`;
    return free;
  }

  async #variable(variable: Variable, at: Span, trail: readonly string[]): Promise<Outcome> {
    if (trail.length > longestTrail) return missing('the variables refer to each other in a circle');
    const reasons: string[] = [];
    let file: string | undefined;
    for (const [index, source] of variable.sources.entries()) {
      const rest = variable.sources.slice(index + 1);
      const outcome = await this.#source(source, { rest, at, trail });
      if ('value' in outcome) {
        if (outcome.value.kind === 'scalar' && outcome.value.value === null && rest.length > 0) {
          reasons.push('it is null');
          continue;
        }
        if (file !== undefined) this.fallbacks.push({ path: this.#path, at, variable: variable.text, reason: file });
        return outcome;
      }
      if (outcome.missing !== '') reasons.push(outcome.missing);
      if (source.kind === 'lookup' && source.type === 'file' && outcome.missing.endsWith(' is not here'))
        file = outcome.missing;
    }
    return missing(reasons[0] ?? 'it is not set');
  }

  async #source(
    source: Source,
    { rest, at, trail }: { readonly rest: readonly Source[]; readonly at: Span; readonly trail: readonly string[] },
  ): Promise<Outcome> {
    if (source.kind === 'literal') return { value: { kind: 'scalar', at, value: source.value } };
    if (source.kind === 'nested') return this.#parts(source.parts, at, trail);
    const params = await this.#address(source.params, at, trail);
    const address = await this.#address(source.address, at, trail);
    const { type } = source;
    if (typeof params !== 'string') return params;
    if (typeof address !== 'string') return address;
    const scalar = (value: string | number | boolean): Outcome => ({ value: { kind: 'scalar', at, value } });
    switch (type) {
      case 'self':
        return this.#self(this.#known(address) ?? address, trail);
      case 'opt':
        return this.#option(this.#known(address) ?? address, { rest, at, trail });
      case 'sls':
        if (address === 'stage') return scalar(lookup('env'));
        return address === 'instanceId' ? scalar('instance') : missing(`fx has no sls:${address}`);
      case 'aws':
        return scalar(lookup(address === 'accountId' ? 'account' : 'region'));
      case 'env':
        return this.#environment(this.#known(address) ?? address, { rest, at, trail });
      case 'param':
        return this.#param(this.#known(address) ?? address, at, trail);
      case 'file':
      case 'deep':
        return this.#file(this.#known(params) ?? params, this.#known(address) ?? address, trail);
      case 'strToBool': {
        const text = (this.#known(params) ?? params).toLowerCase().replace(/^['"]|['"]$/g, '');
        return /^(true|false|1|0)$/.test(text) ? scalar(text === 'true' || text === '1') : missing('it is no boolean');
      }
      case 'cf':
        return this.#ofAws(`stack${regional(params)}:${address}`, address, { rest, at, trail });
      case 's3':
        return this.#ofAws(`s3${regional(params)}:${address}`, address, { rest, at, trail });
      case 'ssm': {
        const [path = ''] = address.split('~');
        const secret = /^\/aws\/reference\/secretsmanager\/(.+)$/.exec(path)?.[1];
        if (secret !== undefined) return scalar(lookup(`secret:secretsmanager:${secret}`));
        if (address.endsWith('~true')) return scalar(lookup(`secret:ssm:${path}`));
        return this.#ofAws(`ssm${regional(params.replace(/,?\s*(raw|noDecrypt)/g, ''))}:${path}`, path, {
          rest,
          at,
          trail,
        });
      }
      case 'git':
        if (/^(sha1|commit)$/i.test(address)) return scalar(lookup('git.sha, none'));
        if (/^branch/i.test(address)) return scalar(lookup('git.branch, none'));
        return missing(`fx has no git:${address}`);
      case 'construct': {
        const made = this.construct(address);
        return made === undefined ? missing(`fx has no construct:${address}`) : { value: fromPlain(made, at) };
      }
      default:
        return missing(`fx has no ${type}: variables`);
    }
  }

  /** A text without lookups: addresses are looked up with the values of this stage. */
  #known(text: string): string | undefined {
    return hasLookups(text) ? withValues(text, (name) => this.#actual(name)) : text;
  }

  /** The value of a lookup of project.yml, in this stage. */
  #actual(name: string): string | undefined {
    if (name === 'env') return this.stage;
    if (name === 'region') return this.region;
    if (name.startsWith('params.')) {
      const value = this.params.get(name.slice('params.'.length))?.value;
      return typeof value === 'object' || value === undefined || value === placeholder
        ? undefined
        : withValues(String(value), (inner) => this.#actual(inner));
    }
    const variable = /^var\.(\w+)(?:, ?'?(.*?)'?)?$/s.exec(name);
    if (variable === null) return undefined;
    const set = this.#world.variables[variable[1] ?? ''];
    return set ?? (variable[2] === undefined ? undefined : withValues(variable[2], (inner) => this.#actual(inner)));
  }

  async #address(parts: readonly Part[], at: Span, trail: readonly string[]): Promise<string | Outcome> {
    let text = '';
    for (const part of parts) {
      if (typeof part === 'string') {
        text += part;
        continue;
      }
      const outcome = await this.#variable(part, at, trail);
      if (!('value' in outcome)) return outcome;
      if (outcome.value.kind !== 'scalar') return missing(`${part.text} is a ${outcome.value.kind}`);
      text += outcome.value.value === null ? '' : String(outcome.value.value);
    }
    return text;
  }

  async #parts(parts: readonly Part[], at: Span, trail: readonly string[]): Promise<Outcome> {
    const [only, ...more] = parts;
    if (only !== undefined && typeof only !== 'string' && more.length === 0) return this.#variable(only, at, trail);
    const text = await this.#address(parts, at, trail);
    return typeof text === 'string' ? { value: { kind: 'scalar', at, value: text } } : text;
  }

  async #self(address: string, trail: readonly string[]): Promise<Outcome> {
    if (address === 'provider.stage' && this.#bare !== 'stage') return plainText(lookup('env'));
    if (address === 'provider.region' && this.#bare === undefined) return plainText(lookup('region'));
    if (trail.includes(`self:${address}`)) return missing(`self:${address} ${circle}`);
    this.referenced.add(address.split('.').slice(0, 2).join('.'));
    const outcome = await this.#descend(this.#world.root, address, [...trail, `self:${address}`]);
    if ('value' in outcome) return outcome;
    if (address === 'service.name') return this.#self('service', trail);
    if (address === 'service' || address.startsWith('service.')) return outcome;
    return missing(outcome.missing || `there is no ${address}`);
  }

  /** The value at an address; variables on the way are resolved. */
  async #descend(root: Located, address: string, trail: readonly string[]): Promise<Outcome> {
    let current = root;
    for (const step of address === '' ? [] : address.split('.')) {
      const opened = await this.#opened(current, trail);
      if (!('value' in opened)) return opened;
      current = opened.value;
      const next = valueAt(current, [step]);
      if (next === undefined) return missing('');
      current = next;
    }
    return this.#deep(current, trail);
  }

  async #opened(value: Located, trail: readonly string[]): Promise<Outcome> {
    if (value.kind !== 'scalar' || typeof value.value !== 'string' || !hasVariable(value.value)) return { value };
    return this.#parts(parseVariables(value.value), value.at, trail);
  }

  /** As `resolve`, but a missing value is the reader's concern. */
  async #deep(value: Located, trail: readonly string[]): Promise<Outcome> {
    if (value.kind === 'scalar') return this.#opened(value, trail);
    if (value.kind === 'list') {
      const items: Located[] = [];
      for (const item of value.items) {
        const outcome = await this.#deep(item, trail);
        items.push('value' in outcome ? outcome.value : this.#standInAt(item, outcome.missing));
      }
      return { value: { ...value, items } };
    }
    const entries = new Map<string, Entry>();
    for (const [key, entry] of value.entries) {
      const outcome = await this.#deep(entry.value, trail);
      const found = 'value' in outcome ? outcome.value : this.#standInAt(entry.value, outcome.missing);
      entries.set(key, { ...entry, value: found });
    }
    return { value: { ...value, entries } };
  }

  #standInAt(value: Located, reason: string): Located {
    const text = value.kind === 'scalar' ? String(value.value) : '';
    const variable = parseVariables(text).find((part): part is Variable => typeof part !== 'string');
    return variable === undefined ? value : this.#standIn(variable, reason, value.at, '');
  }

  async #option(name: string, context: Context): Promise<Outcome> {
    const { at } = context;
    if (name === 'stage' || name === 's') {
      if (this.#bare === 'stage') {
        const { stage } = this.#world;
        return stage === undefined ? missing('--stage is not given') : plainText(stage);
      }
      return plainText(lookup('env'));
    }
    if (name === 'region' || name === 'r') {
      return this.#bare === undefined && context.rest.length === 0
        ? plainText(lookup('region'))
        : missing('--region is not given');
    }
    const given = this.#world.options[name];
    if (given !== undefined) return plainText(given);
    if (['aws-profile', 'profile'].includes(name)) return missing('--aws-profile is not given');
    const fallback = await this.#fallback(context);
    if (fallback === undefined || fallback.kind !== 'scalar' || fallback.value === null)
      return missing(`--${name} is not given`);
    const key = identifier(name);
    if (!this.params.has(key)) {
      this.params.set(key, { value: fallback.value, comment: `On the command line: --param ${key}=…` });
    }
    return { value: { kind: 'scalar', at, value: lookup(`params.${key}`) } };
  }

  /** The value that the sources after this one give. */
  async #fallback({ rest, at, trail }: Context): Promise<Located | undefined> {
    if (rest.length === 0) return undefined;
    const outcome = await this.#variable({ text: '', sources: rest }, at, trail);
    return 'value' in outcome ? outcome.value : undefined;
  }

  async #environment(name: string, context: Context): Promise<Outcome> {
    const { at } = context;
    const text = (value: string): Outcome => ({ value: { kind: 'scalar', at, value } });
    const fallback = await this.#fallback(context);
    if (fallback === undefined || (fallback.kind === 'scalar' && fallback.value === null)) {
      const key = identifier(name);
      if (!this.params.has(key)) {
        this.params.set(key, {
          value: lookup(`var.${name}`),
          local: placeholder,
          comment: `The environment variable ${name}`,
        });
      }
      return text(lookup(`params.${key}`));
    }
    if (fallback.kind !== 'scalar') return missing(`${name} is not set`);
    const written = String(fallback.value);
    if (/^[\w./:@ -]*$/.test(written) && written.trim() === written && written !== '')
      return text(lookup(`var.${name}, ${written}`));
    if (hasLookups(written) && partsOf(written).length === 1) return text(lookup(`var.${name}, ${written}`));
    if (!/['\n]/.test(written) && !hasLookups(written)) return text(lookup(`var.${name}, '${written}'`));
    const set = this.#world.variables[name];
    return set === undefined ? { value: fallback } : text(set);
  }

  /** `params.<stage>.NAME`, then `params.default.NAME`; in v4, below `stages`. */
  async #param(name: string, at: Span, trail: readonly string[]): Promise<Outcome> {
    this.usedParams.add(name);
    const places = [
      `stages.${this.stage}.params.${name}`,
      `params.${this.stage}.${name}`,
      `stages.default.params.${name}`,
      `params.default.${name}`,
    ];
    for (const place of places) {
      const outcome = await this.#descend(this.#world.root, place, [...trail, `param:${name}`]);
      if (!('value' in outcome)) continue;
      if (outcome.value.kind !== 'scalar' || trail.includes(`param:${name}`)) return outcome;
      const key = identifier(name);
      this.params.set(key, { value: outcome.value.value });
      return { value: { kind: 'scalar', at, value: lookup(`params.${key}`) } };
    }
    const given = this.#world.options[`param:${name}`];
    return given === undefined ? missing(`there is no param ${name}`) : plainText(given);
  }

  /** A value that AWS has: a lookup, and in the local environment a placeholder. */
  async #ofAws(name: string, address: string, context: Context): Promise<Outcome> {
    const { at } = context;
    const fallback = await this.#fallback(context);
    const text = (value: string): Outcome => ({ value: { kind: 'scalar', at, value } });
    if (fallback?.kind === 'scalar' && /^[\w./:-]+$/.test(String(fallback.value))) {
      return text(lookup(`${name}, ${String(fallback.value)}`));
    }
    const key = this.#nameOf(address, lookup(name));
    if (!this.params.has(key)) this.params.set(key, { value: lookup(name), local: placeholder });
    return text(lookup(`params.${key}`));
  }

  /** One name for each lookup. */
  #nameOf(address: string, value: string): string {
    const base = identifier(lastWord(address));
    let name = base;
    for (let count = 2; this.params.has(name) && this.params.get(name)?.value !== value; count++)
      name = `${base}${count}`;
    return name;
  }

  async #file(written: string, address: string, trail: readonly string[]): Promise<Outcome> {
    const path = resolve(this.#world.folder, written.replace(/^~(?=\/)/, homedir()).replace(/^['"]|['"]$/g, ''));
    const own = takesAddress(path);
    const key = `${path}\0${own ? address : ''}`;
    let promise = this.#files.get(key);
    if (promise === undefined) {
      promise = readValue(path, own ? address : '', {
        shownFrom: this.#world.shownFrom,
        stage: this.stage,
        variables: this.#world.variables,
      }).then((read) => ('value' in read ? read : missing(read.problems[0]?.message ?? `${written} cannot be read`)));
      this.#files.set(key, promise);
    }
    const read = await promise;
    if (!('value' in read)) return read;
    if (own) return this.#deep(read.value, trail);
    const outcome = await this.#descend(read.value, address, trail);
    return 'value' in outcome ? outcome : missing(outcome.missing || `${written} has no ${address}`);
  }
}

interface Context {
  readonly rest: readonly Source[];
  readonly at: Span;
  readonly trail: readonly string[];
}

const nowhere: Span = { file: '', line: 1, column: 1, length: 1 };
const plainText = (value: string): Outcome => ({ value: { kind: 'scalar', at: nowhere, value } });

const regional = (region: string) => (region === '' || hasLookups(region) ? '' : `(${region})`);

/** A name for a param. */
export function identifier(text: string): string {
  const name = partsOf(text)
    .filter((part): part is string => typeof part === 'string')
    .join('-')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return name === '' ? 'value' : name;
}

const lastWord = (address: string) =>
  address
    .split(/[./:]/)
    .filter((word) => word !== '')
    .at(-1) ?? 'value';

function nameFor(variable: Variable): string {
  for (const source of variable.sources) {
    if (source.kind !== 'lookup') continue;
    const text = source.address.map((part) => (typeof part === 'string' ? part : '')).join('');
    const name = identifier(lastWord(text));
    if (name !== 'value') return name;
    const file = source.params.map((part) => (typeof part === 'string' ? part : '')).join('');
    const base = identifier(file.split('/').at(-1)?.split('.')[0] ?? '');
    if (base !== 'value') return base;
  }
  return 'value';
}
