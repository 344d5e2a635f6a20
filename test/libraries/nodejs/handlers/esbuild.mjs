import { transform } from 'esbuild';

export const handler = async () => (await transform('let x: number = 1', { loader: 'ts' })).code;
