// A ledger in memory, and records for it.
import type { Aws, Objects } from '../aws/aws.ts';
import { stackTemplate } from '../template/stack-set.ts';
import type { LedgerPlace } from './ledger.ts';
import type { Change, Release } from './record.ts';

export const place: LedgerPlace = { bucket: 'b', project: 'shop', environment: 'prod' };

/** A bucket in memory, with every call. */
export function bucket() {
  const objects = new Map<string, Buffer>();
  const calls: string[] = [];
  const store: Pick<Objects, 'has' | 'get' | 'put' | 'putNew' | 'list'> = {
    has: async (_, key) => objects.has(key),
    get: async (_, key) => {
      calls.push(`get ${key}`);
      return objects.get(key);
    },
    put: async (_, key, body) => void objects.set(key, Buffer.from(body)),
    putNew: async (_, key, body) => {
      if (objects.has(key)) return false;
      objects.set(key, Buffer.from(body));
      return true;
    },
    list: async (_, prefix) =>
      [...objects]
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, { length: size }]) => ({
          key,
          size,
          modified: undefined,
        })),
  };
  return { aws: { objects: store } as unknown as Aws, objects, calls };
}

export const template = stackTemplate({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'x',
  Resources: {
    AAlias: {
      Type: 'AWS::Lambda::Alias',
      Properties: { FunctionVersion: { 'Fn::GetAtt': ['AVersion0123456789ab', 'Version'] } },
    },
  },
});

export const change = (more: Partial<Omit<Change, 'number'>> = {}): Omit<Change, 'number'> => ({
  fx: '0.1.0',
  time: '2026-01-01T00:00:00.000Z',
  who: 'arn:aws:iam::111122223333:user/me',
  commit: 'abc+',
  origin: { kind: 'deploy' },
  template: { hash: template.hash, size: template.text.length },
  recipe: {
    functions: new Map([['a', { key: 'k', handler: 'a.handler', variables: { A: 'b' } }]]),
    layers: new Map([['Fonts', { key: 'l', handler: '', variables: {} }]]),
  },
  tags: { 'fx:project': 'shop' },
  functions: {
    a: { physicalName: 'shop-prod-a', versionId: 'AVersion0123456789ab', version: undefined, events: ['GET /a'] },
  },
  ...more,
});

export const release = (number: number, more: Partial<Release> = {}): Release => ({
  number,
  ...change(),
  status: 'succeeded',
  cause: undefined,
  interrupted: false,
  ...more,
});
