// The records of the ledger: changes as intended, and releases as they ended. A schema reads them, since these objects live for years
// and rollback depends on them.
import { FxError } from '../base/error.ts';
import { fromPlain, type Plain } from '../base/located.ts';
import {
  converted,
  flag,
  integer,
  list,
  mapOf,
  object,
  oneOf,
  type Read,
  readAll,
  type Schema,
  text,
} from '../base/schema.ts';
import type { Code, Recipe } from '../cfn/recipe.ts';
import { parseStackTemplate } from '../template/stack-set.ts';
import { liveVersionId } from '../template/version-id.ts';
import type { CandidateFunction, Origin } from './candidate.ts';
import type { RecordedOwners } from './owners.ts';

/** Incremented with each change that an older fx could misread. A new optional key does not count: unknown keys are ignored. */
export const ledgerFormat = 1;

export interface TemplateReference {
  /** The hash of the canonical form; it names the object that holds the text. */
  readonly hash: string;
  /** Bytes of the text. */
  readonly size: number;
  /** The text, in a release recorded before templates were objects. */
  readonly inline?: string;
}

/** An intended change: written before anything moves. */
export interface Change {
  readonly number: number;
  /** The version of fx that wrote it. */
  readonly fx: string;
  /** ISO 8601. */
  readonly time: string;
  readonly who: string;
  readonly commit: string | undefined;
  /** What the author said about it. */
  readonly message?: string | undefined;
  /** How many good releases its environment keeps; undefined if an older fx wrote it. */
  readonly keep?: number | undefined;
  /** The keys of `stack` in its project.yml that fx clears when they are gone from it. */
  readonly stackSettings?: readonly string[] | undefined;
  readonly origin: Origin;
  readonly template: TemplateReference;
  readonly recipe: Recipe | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly functions: Readonly<Record<string, CandidateFunction>>;
  /** Undefined if an older fx wrote the record. */
  readonly owners?: RecordedOwners | undefined;
}

/** A change that has ended. */
export interface Release extends Change {
  readonly status: 'succeeded' | 'failed';
  /** Why it failed. */
  readonly cause: string | undefined;
  /** Whether the fx that began the change died, and a later command recorded it. */
  readonly interrupted: boolean;
  /** ISO 8601; undefined if an older fx recorded it, or another fx than the one that began it. */
  readonly ended?: string | undefined;
}

const positive = integer({ least: 1, most: Number.MAX_SAFE_INTEGER });
const anySize = integer({ least: 0, most: Number.MAX_SAFE_INTEGER });

const code = object({
  open: true,
  required: { key: text(), handler: text(), variables: mapOf(text()) },
  optional: {
    image: text(),
    imageTag: text(),
    object: object({ open: true, required: { bucket: text(), key: text() }, optional: { version: text() } }),
  },
});

const origin: Schema<Origin> = converted(
  object({
    open: true,
    required: { kind: oneOf(['deploy', 'rollback', 'promotion', 'code']) },
    optional: {
      of: positive,
      functions: list(text()),
      trafficOnly: flag,
      from: object({ open: true, required: { environment: text(), number: positive }, optional: {} }),
    },
  }),
  ({ kind, of, from, functions, trafficOnly }): { readonly value: Origin } | { readonly wrong: string } => {
    if (kind === 'rollback' && of !== undefined) {
      const part = functions === undefined ? {} : { functions };
      return { value: { kind, of, ...part, ...(trafficOnly === true ? { trafficOnly } : {}) } };
    }
    if (kind === 'promotion' && from !== undefined) return { value: { kind, from } };
    if (kind === 'code' && functions !== undefined) return { value: { kind, functions } };
    return kind === 'deploy' ? { value: { kind } } : { wrong: `a ${kind} without its source` };
  },
);

const changeFields = {
  fx: text(),
  number: positive,
  time: text(),
  who: text(),
  origin,
  template: object({ open: true, required: { hash: text(), size: anySize }, optional: {} }),
  tags: mapOf(text()),
  functions: mapOf(
    object({
      open: true,
      required: { physicalName: text(), versionId: text(), events: list(text()) },
      optional: { version: text() },
    }),
  ),
  recipe: object({
    open: true,
    required: { functions: mapOf(code), layers: mapOf(code) },
    optional: { site: text() },
  }),
} as const;

const noted = {
  commit: text(),
  message: text(),
  keep: positive,
  owners: mapOf(list(text())),
  stackSettings: list(text()),
} as const;
const changeSchema = object({ open: true, required: changeFields, optional: noted });
const releaseSchema = object({
  open: true,
  required: { ...changeFields, status: oneOf(['succeeded', 'failed']) },
  optional: { ...noted, cause: text(), interrupted: flag, ended: text() },
});

/** The form of releases before they had a format number. */
const oldSchema = object({
  open: true,
  required: {
    number: positive,
    status: oneOf(['succeeded', 'failed']),
    time: text(),
    who: text(),
    template: text(),
    tags: mapOf(text()),
    functions: mapOf(object({ open: true, required: { physicalName: text(), version: text() }, optional: {} })),
  },
  optional: { commit: text(), rollbackOf: positive, cause: text() },
});

/** Reads an object of the ledger. Throws RELEASE_TOO_NEW or RELEASE_UNREADABLE. */
export function readRelease(body: Buffer, key: string): Release {
  const { value, format } = parsed(body, key);
  if (format === 0) return fromOld(valid(oldSchema, value, key));
  const { status, cause, interrupted = false, ended, ...change } = valid(releaseSchema, value, key);
  return { ...toChange(change), status, cause, interrupted, ended };
}

export function readChange(body: Buffer, key: string): Change {
  return toChange(valid(changeSchema, parsed(body, key).value, key));
}

/** The text of an object of the ledger. */
export function recordText(record: Change | Release): string {
  const { recipe, template, ...rest } = record;
  return JSON.stringify({
    format: ledgerFormat,
    ...rest,
    template: { hash: template.hash, size: template.size },
    recipe: {
      functions: Object.fromEntries(recipe?.functions ?? []),
      layers: Object.fromEntries(recipe?.layers ?? []),
      ...(recipe?.site === undefined ? {} : { site: recipe.site }),
    },
  });
}

function parsed(body: Buffer, key: string): { readonly value: Plain; readonly format: number } {
  let value: Plain;
  try {
    value = JSON.parse(body.toString('utf8')) as Plain;
  } catch (cause) {
    throw unreadable(key, (cause as Error).message, cause);
  }
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  const { format = 0, fx } = (isMap ? value : {}) as { readonly format?: unknown; readonly fx?: unknown };
  if (typeof format !== 'number') throw unreadable(key, `its format is ${JSON.stringify(format)}`);
  if (format > ledgerFormat) {
    throw new FxError(
      'RELEASE_TOO_NEW',
      `${key} has format ${format}, and this fx reads formats up to ${ledgerFormat}`,
      { hint: `use fx ${typeof fx === 'string' ? fx : ''} or newer, which wrote it` },
    );
  }
  return { value, format };
}

function valid<T>(schema: Schema<T>, value: Plain, key: string): T {
  const { value: read, problems } = readAll(schema, fromPlain(value, { file: key, line: 1, column: 1, length: 1 }));
  if (read === undefined) throw unreadable(key, problems[0]?.message ?? 'it has another shape');
  return read;
}

function unreadable(key: string, why: string, cause?: unknown): FxError {
  return new FxError('RELEASE_UNREADABLE', `${key} cannot be read: ${why}`, {
    hint: 'fx rollback NUMBER goes to a release that can be; the bucket keeps earlier versions of its objects',
    ...(cause === undefined ? {} : { cause }),
  });
}

function toChange(read: Read<typeof changeSchema>): Change {
  const { recipe, tags, functions, commit, owners, ...rest } = read;
  return {
    ...rest,
    ...(owners === undefined ? {} : { owners: Object.fromEntries(owners) }),
    commit,
    tags: Object.fromEntries(tags),
    recipe: {
      functions: codes(recipe.functions),
      layers: codes(recipe.layers),
      ...(recipe.site === undefined ? {} : { site: recipe.site }),
    },
    functions: Object.fromEntries(
      [...functions].map(([name, { version, ...settings }]) => [name, { ...settings, version }]),
    ),
  };
}

function codes(read: ReadonlyMap<string, Read<typeof code>>): ReadonlyMap<string, Code> {
  return new Map(
    [...read].map(([name, { key, handler, variables, image, imageTag, object: stored }]) => [
      name,
      {
        key,
        handler,
        variables: Object.fromEntries(variables),
        ...(image === undefined ? {} : { image }),
        ...(imageTag === undefined ? {} : { imageTag }),
        ...(stored === undefined ? {} : { object: { ...stored, version: stored.version } }),
      },
    ]),
  );
}

function fromOld(old: Read<typeof oldSchema>): Release {
  const { template, hash } = parseStackTemplate(old.template);
  const functions = [...old.functions].map(([name, { physicalName, version }]) => {
    const versionId = liveVersionId(template, name);
    return [name, { physicalName, versionId, version: version === '' ? undefined : version, events: [] }] as const;
  });
  return {
    number: old.number,
    fx: '',
    time: old.time,
    who: old.who,
    commit: old.commit,
    origin: old.rollbackOf === undefined ? { kind: 'deploy' } : { kind: 'rollback', of: old.rollbackOf },
    template: { hash, size: Buffer.byteLength(old.template), inline: old.template },
    recipe: undefined,
    tags: Object.fromEntries(old.tags),
    functions: Object.fromEntries(functions),
    status: old.status,
    cause: old.cause,
    interrupted: false,
  };
}
