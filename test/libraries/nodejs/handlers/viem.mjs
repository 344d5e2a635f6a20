import { keccak256, toHex } from 'viem';
export const handler = async () => keccak256(toHex('x')).slice(0, 10);
