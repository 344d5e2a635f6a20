import { decode, encode } from 'cbor-x';
export const handler = async () => decode(encode({ a: 1 }));
