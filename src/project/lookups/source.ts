// The interface of a kind of lookup: its form, and how to find its value.
import type { Lookups } from '../../aws/aws.ts';
import type { Located, LocatedMap } from '../../base/located.ts';

export interface Missing {
  readonly message: string;
  readonly hint?: string;
  /** A default does not help: the value exists but is rejected. */
  readonly refused?: true;
  /** The project of the workspace to deploy first: then there will be a value. */
  readonly awaited?: string;
}

/** Another project of the workspace, in the same environment; or why it is out of reach. */
export type Sibling =
  | { readonly kind: 'no-workspace' }
  /** The workspace does not list the project with the lookup. */
  | { readonly kind: 'unlisted'; readonly file: string }
  | { readonly kind: 'unknown'; readonly file: string; readonly names: readonly string[] }
  /** It is not in dependsOn of `own`. */
  | { readonly kind: 'undeclared'; readonly file: string; readonly own: string }
  /** It is in several regions, and the project with the lookup in another one. */
  | { readonly kind: 'elsewhere'; readonly regions: readonly string[] }
  | {
      readonly kind: 'found';
      readonly stack: string;
      readonly region: string;
      /** Undefined if it is not deployed. */
      readonly outputs: Readonly<Record<string, string>> | undefined;
      /** The names under `outputs` of its project file. */
      readonly declared: readonly string[];
    };

/** The result of a lookup: a value, or an external text or number. */
export type LookupResult = { readonly value: Located } | { readonly plain: string | number | boolean } | Missing;

export interface LookupWorld {
  readonly environment: string;
  /** The merged project, before lookups. */
  readonly root: LocatedMap;
  /** The folder of the project. */
  readonly folder: string;
  /** Environment variables of the process, then of .env files. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly region: string;
  /** The account, if pinned or known without a call. */
  readonly account: string | undefined;
  /** The lookups of plugins, loaded only if a lookup is none of fx's. */
  pluginLookups(): Promise<readonly LookupSource[]>;
  /** Called only if a lookup needs AWS. */
  aws(): Promise<Lookups>;
  /** A project of the workspace by its name; in one of its regions, unless that is ''. */
  sibling(name: string, region: string): Promise<Sibling>;
}

export interface LookupPlace {
  /** The folder of the file with the lookup. */
  readonly folder: string;
  /** The function with the lookup. */
  readonly functionName: string | undefined;
}

export interface LookupSource {
  /** As hints and the reference show it. */
  readonly form: string;
  readonly about: string;
  /** The arguments in a name of this kind; undefined for other kinds. */
  matches(name: string): readonly string[] | undefined;
  find(argument: readonly string[], world: LookupWorld, place: LookupPlace): Promise<LookupResult> | LookupResult;
  /** What the result depends on besides the name: a lookup runs once for all positions that agree in it. */
  readonly perPlace?: 'folder' | 'function';
}

/** A kind with a fixed prefix, such as `var.`. */
export const prefixed =
  (prefix: string) =>
  (name: string): readonly string[] | undefined =>
    name.startsWith(prefix) ? [name.slice(prefix.length)] : undefined;

/** An AWS kind: `ssm:/path`, or `ssm(eu-west-1):/path`. */
export const regional =
  (kind: string) =>
  (name: string): readonly string[] | undefined => {
    const [, region, argument] = new RegExp(`^${kind}(?:\\(\\s*([a-z0-9-]+)\\s*\\))?:(.*)$`).exec(name) ?? [];
    return argument === undefined ? undefined : [argument.trim(), region ?? ''];
  };
