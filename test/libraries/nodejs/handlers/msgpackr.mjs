import { pack, unpack } from 'msgpackr';
export const handler = async () => unpack(pack({ a: 1 }));
