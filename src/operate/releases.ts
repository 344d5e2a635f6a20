// fx releases: the ledger of an environment, newest first, with the live release according to the aliases.
import type { Environment } from '../project/environment.ts';
import { getReleases } from '../release/ledger.ts';
import type { Change, Release } from '../release/record.ts';
import { type LiveAlias, readAliases } from './aliases.ts';
import { type Context, identify } from './context.ts';
import { heldRecord, heldRelease, readState, type State } from './state.ts';

export interface ListedRelease extends Omit<Change, 'recipe' | 'template'> {
  /** `unfinished`: in progress, or interrupted. */
  readonly status: Release['status'] | 'unfinished';
  readonly cause: string | undefined;
  readonly interrupted: boolean;
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

function listed(record: Change | Release, answering: Answering): ListedRelease {
  const { recipe: _recipe, template: _template, ...rest } = record;
  const ended = 'status' in record ? record : undefined;
  return {
    ...rest,
    status: ended?.status ?? 'unfinished',
    cause: ended?.cause,
    interrupted: ended?.interrupted ?? false,
    live: answering.get(record.number) ?? 'no',
  };
}
