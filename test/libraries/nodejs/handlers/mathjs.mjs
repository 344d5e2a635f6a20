import { evaluate } from 'mathjs';
export const handler = async () => evaluate('sqrt(16) + 1');
