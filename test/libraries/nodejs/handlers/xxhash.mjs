import { xxh32 } from '@node-rs/xxhash';

export const handler = async () => xxh32('abc');
