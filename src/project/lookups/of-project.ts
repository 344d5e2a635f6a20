// Lookups of values of the project: `${env}`, `${region}`, `${account}`, `${function}`.
import type { LookupSource } from './source.ts';

const only = (word: string) => (name: string) => (name === word ? [] : undefined);

export const env: LookupSource = {
  form: 'env',
  about: 'The environment: local, staging, prod.',
  matches: only('env'),
  find: (_, { environment }) => ({ plain: environment }),
};

export const region: LookupSource = {
  form: 'region',
  about: 'The region of the deploy.',
  matches: only('region'),
  find: (_, world) => ({ plain: world.region }),
};

export const account: LookupSource = {
  form: 'account',
  about: 'The account of the deploy: the pinned one, else that of the credentials.',
  matches: only('account'),
  find: async (_, { account: pinned, aws }) => ({ plain: pinned ?? (await (await aws()).account()) }),
};

export const functionName: LookupSource = {
  form: 'function',
  about: 'The name of the function that has this value; under defaults, of each function.',
  matches: only('function'),
  perPlace: 'function',
  find(_, __, { functionName: inside }) {
    return inside === undefined
      ? { message: '${function} is used outside a function', hint: 'use it under functions or defaults' }
      : { plain: inside };
  },
};
