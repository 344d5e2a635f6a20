import { execa } from 'execa';
export const handler = async () => (await execa('echo', ['x'])).stdout;
