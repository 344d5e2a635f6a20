// fx releases: the ledger of an environment, newest first, with the live release according to the aliases.

import type { Recipe } from '../cfn/recipe.ts';
import type { Environment } from '../project/environment.ts';
import { getRelease, getReleases, notFound } from '../release/ledger.ts';
import type { Change, Release } from '../release/record.ts';
import { findRelease, type ReleaseName } from '../release/target.ts';
import { type LiveAlias, readAliases } from './aliases.ts';
import { type Context, identify, notDeployed } from './context.ts';
import { heldRecord, heldRelease, readState, type State } from './state.ts';

export interface ListedRelease extends Omit<Change, 'recipe' | 'template' | 'owners'> {
  /** `unfinished`: in progress, or interrupted. */
  readonly status: Release['status'] | 'unfinished';
  readonly cause: string | undefined;
  readonly interrupted: boolean;
  /** ISO 8601; undefined if it is unfinished, or another fx than the one that began it recorded it. */
  readonly ended?: Release['ended'];
  /** `yes`: the stack and all aliases match. `traffic`: only the aliases match. `part`: some aliases
   * match, others are on versions of another release. */
  readonly live: 'yes' | 'traffic' | 'part' | 'no';
}

export interface Listed {
  readonly releases: readonly ListedRelease[];
  /** Aliases with split traffic. */
  readonly weighted: readonly LiveAlias[];
}

export async function releases(environment: Environment, most: number, context: Context): Promise<Listed> {
  await identify(environment, context);
  const state = await readState(environment, context);
  const { place, index, live } = state;
  if (place === undefined) return { releases: [], weighted: [] };
  const ended = await getReleases(context.aws, place, index, most);
  const all = [...state.unfinished, ...ended].sort((a, b) => b.number - a.number).slice(0, most);
  const aliases = live === undefined ? [] : await liveAliases(state, context);
  const answering = answeringRecords(state, all, aliases);
  return {
    releases: all.map((record) => listed(record, answering)),
    weighted: aliases.filter(({ weights }) => Object.keys(weights).length > 0),
  };
}

/** A release as `fx releases show` shows it. */
export interface ShownRelease extends ListedRelease {
  /** Milliseconds from the first step to the last; undefined if another fx than the one that began it recorded it. */
  readonly tookMs: number | undefined;
  /** By hash and size in bytes. */
  readonly template: { readonly hash: string; readonly size: number };
  /** The key of each artifact, or the URI of the image; undefined for a release recorded before fx kept recipes. */
  readonly artifacts: Readonly<Record<string, string>> | undefined;
  readonly layers: Readonly<Record<string, string>> | undefined;
}

/** One release or unfinished change. Throws RELEASE_NOT_FOUND. */
export async function showRelease(
  environment: Environment,
  name: ReleaseName,
  context: Context,
): Promise<ShownRelease> {
  await identify(environment, context);
  const state = await readState(environment, context);
  const { place, index } = state;
  if (place === undefined) throw notDeployed(environment);
  const record =
    name.kind === 'number'
      ? ((await getRelease(context.aws, place, name.number)) ??
        state.unfinished.find(({ number }) => number === name.number))
      : await findRelease({ aws: context.aws, place, index }, name);
  if (record === undefined) throw notFound(name.kind === 'number' ? name.number : 0, place);
  const { recipe, template } = record;
  const ended = endedOf(record)?.ended;
  return {
    ...listed(record, answeringRecords(state, [record], await liveAliases(state, context))),
    tookMs: ended === undefined ? undefined : Date.parse(ended) - Date.parse(record.time),
    template: { hash: template.hash, size: template.size },
    artifacts: recipe && keysOf(recipe.functions),
    layers: recipe && keysOf(recipe.layers),
  };
}

function keysOf(codes: Recipe['functions']): Readonly<Record<string, string>> {
  return Object.fromEntries([...codes].map(([name, { key, image }]) => [name, image ?? key]));
}

async function liveAliases(state: State, context: Context): Promise<readonly LiveAlias[]> {
  const { live } = state;
  if (live === undefined) return [];
  const { functions = {} } = heldRecord(state, live) ?? {};
  const of = { stack: live.stack, template: live.stacks.root.template, held: heldRelease(state) };
  return (await readAliases(context, of, functions)).aliases;
}

type Answering = ReadonlyMap<number, ListedRelease['live']>;

/** The releases that answer calls according to the live aliases: the stack's release, unless aliases differ. */
function answeringRecords(
  state: State,
  records: readonly (Change | Release)[],
  aliases: readonly LiveAlias[],
): Answering {
  if (state.live === undefined) return new Map();
  const held = heldRecord(state, state.live);
  const drifted = aliases.filter(({ version, expected }) => version !== expected);
  if (held === undefined || drifted.length === 0) return new Map(held === undefined ? [] : [[held.number, 'yes']]);
  const others = records.filter((record) => record.number !== held.number && !hasFailed(record));
  const all = others.find((record) => answers(record, aliases));
  if (all !== undefined) return new Map([[all.number, 'traffic']]);
  const some = others.find((record) => answers(record, drifted));
  return new Map([held, some].flatMap((record) => (record === undefined ? [] : [[record.number, 'part'] as const])));
}

/** A failed rollback lists the versions of the release it should restore: they belong to that release. */
function hasFailed(record: Change | Release): boolean {
  return 'status' in record && record.status === 'failed';
}

function answers({ functions }: Change, aliases: readonly LiveAlias[]): boolean {
  return aliases.every(({ name, version }) => functions[name]?.version === version);
}

/** Undefined for a change that has not ended. */
function endedOf(record: Change | Release): Release | undefined {
  return 'status' in record ? record : undefined;
}

function listed(record: Change | Release, answering: Answering): ListedRelease {
  const { recipe: _recipe, template: _template, owners: _owners, ...rest } = record;
  const ended = endedOf(record);
  return {
    ...rest,
    status: ended?.status ?? 'unfinished',
    cause: ended?.cause,
    interrupted: ended?.interrupted ?? false,
    live: answering.get(record.number) ?? 'no',
  };
}
