// The table of tools whose projects fx imports, one row for each.
import { apex } from './apex.ts';
import type { Peer } from './peer.ts';
import { sam } from './sam.ts';
import { serverless } from './serverless.ts';

export const peers: Readonly<Record<string, Peer>> = { serverless, sam, apex };
