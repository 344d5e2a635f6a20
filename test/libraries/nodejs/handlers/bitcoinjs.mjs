import * as b from 'bitcoinjs-lib';
import { ECPairFactory } from 'ecpair';
import * as ecc from 'tiny-secp256k1';
export const handler = async () =>
  b.payments.p2pkh({ pubkey: ECPairFactory(ecc).fromPrivateKey(Buffer.alloc(32, 1)).publicKey }).address;
