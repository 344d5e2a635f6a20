import { expose } from 'threads/worker';

expose((a: number, b: number) => a + b);
