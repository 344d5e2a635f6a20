// The table of tools whose projects fx imports, one row for each.
import type { Peer } from './peer.ts';
import { serverless } from './serverless.ts';

export const peers: Readonly<Record<string, Peer>> = { serverless };
