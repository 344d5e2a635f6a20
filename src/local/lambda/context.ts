// What the parts of the Lambda service share.
import type { Cloud } from '../cloud.ts';
import { firstPage, pageAfter } from '../paging.ts';
import type { Collection } from '../store.ts';
import type { Mapping } from './mapping/index.ts';
import type { EnvironmentPool } from './pool.ts';
import type { CodeSigningConfig, Functions, LambdaFunction, Layer } from './state.ts';

export interface LambdaContext {
  readonly cloud: Cloud;
  readonly functions: Functions;
  /** By UUID. */
  readonly mappings: Collection<Mapping>;
  /** By name. */
  readonly layers: Collection<Layer>;
  /** By ARN. */
  readonly codeSigningConfigs: Collection<CodeSigningConfig>;
  readonly pool: EnvironmentPool;
  /** Ends the URLs of a function, or that of one qualifier. */
  closeUrls(fn: LambdaFunction, qualifier?: string): Promise<void>;
  /** Begins the short time after which a created or updated function is ready. */
  settle(name: string): void;
}

export type PageRequest = { readonly Marker?: string | undefined; readonly MaxItems?: number | undefined };

/** Lambda returns at most 50 items per page, even if MaxItems is higher. */
export function page<T>(all: readonly T[], keyOf: (item: T) => string, { Marker, MaxItems = 50 }: PageRequest) {
  const most = Math.min(MaxItems, 50);
  const { items, nextToken } = pageAfter(all, keyOf, { token: Marker, most }) ?? firstPage(all, keyOf, most);
  return { items, next: nextToken === undefined ? {} : { NextMarker: nextToken } };
}
