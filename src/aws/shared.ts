// What the clients of several projects share in one run: credentials, so that a person gives an MFA code once, and the pace of calls, since
// rates are those of an account and region.
import type { AwsCredentialIdentity } from '@smithy/types';

export interface SharedClients {
  /** The credentials of each profile. */
  readonly chains: Map<string, () => Promise<AwsCredentialIdentity>>;
  /** The turns of the calls to each API. */
  readonly turns: Map<string, () => Promise<void>>;
}

export function sharedClients(): SharedClients {
  return { chains: new Map(), turns: new Map() };
}

/** The value of a key, made on first use; always a new one without a map. */
export function sharedValue<T>(map: Map<string, T> | undefined, key: string, make: () => T): T {
  const value = map?.get(key) ?? make();
  map?.set(key, value);
  return value;
}
