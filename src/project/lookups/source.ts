// What a kind of lookup is: its form, and how it is found.
import type { Lookups } from '../../aws/aws.ts';
import type { Located, LocatedMap } from '../../base/located.ts';

export interface Missing {
  readonly message: string;
  readonly hint?: string;
  /** A default does not help: the value exists, and is refused. */
  readonly refused?: true;
}

/** What a lookup finds: a value, or a text or number read from outside. */
export type Found = { readonly value: Located } | { readonly plain: string | number | boolean } | Missing;

export interface LookupWorld {
  readonly environment: string;
  /** The merged project, before lookups. */
  readonly root: LocatedMap;
  /** The folder of the project. */
  readonly folder: string;
  /** The variables of the process, over those of .env files. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly region: string;
  /** The account that is pinned, or that is known without asking. */
  readonly account: string | undefined;
  /** Asked only where a lookup needs AWS. */
  aws(): Promise<Lookups>;
}

export interface LookupPlace {
  /** The folder of the file with the lookup. */
  readonly folder: string;
  /** The function with the lookup. */
  readonly functionName: string | undefined;
}

export interface LookupSource {
  /** As it is shown in hints and the reference. */
  readonly form: string;
  readonly about: string;
  /** The rest of a name that is of this kind; undefined for others. */
  matches(name: string): readonly string[] | undefined;
  find(argument: readonly string[], world: LookupWorld, place: LookupPlace): Promise<Found> | Found;
  /** What the answer depends on besides the name: a lookup is resolved once for all places that agree in it. */
  readonly perPlace?: 'folder' | 'function';
}

/** A kind with a fixed beginning, such as `var.`. */
export const prefixed =
  (prefix: string) =>
  (name: string): readonly string[] | undefined =>
    name.startsWith(prefix) ? [name.slice(prefix.length)] : undefined;

/** A kind of AWS: `ssm:/path`, or `ssm(eu-west-1):/path`. */
export const regional =
  (kind: string) =>
  (name: string): readonly string[] | undefined => {
    const [, region, rest] = new RegExp(`^${kind}(?:\\(\\s*([a-z0-9-]+)\\s*\\))?:(.*)$`).exec(name) ?? [];
    return rest === undefined ? undefined : [rest.trim(), region ?? ''];
  };
