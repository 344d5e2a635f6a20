import { blake2AsHex, cryptoWaitReady } from '@polkadot/util-crypto';
export const handler = async () => {
  await cryptoWaitReady();
  return blake2AsHex('x').slice(0, 10);
};
