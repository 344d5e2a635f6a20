// The types that fx types writes compile, and know what project.yml says.
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { folderOf, projectOf, writeFiles } from '../../test/support/project.ts';
import { typesOf } from './types.ts';

const yaml = `name: s
functions:
  orders:
    handler: a.handler
    variables: {TABLE: !Ref Orders, LEVEL: debug}
    events: [http: 'GET /orders/{id}', sqs: {queue: {make: Jobs}}]
  on-order:
    handler: a.handler
    variables: {LEVEL: info}
    events:
      - eventbridge:
          pattern: {source: [shop], detail-type: [Placed, Paid], detail: {total: [{numeric: ['>', 10]}], kind: [a, b], gone: [{exists: false}]}}
  quiet: {handler: a.handler, variables: {LEVEL: warn}}
resources:
  Orders: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST, AttributeDefinitions: [{AttributeName: id, AttributeType: S}], KeySchema: [{AttributeName: id, KeyType: HASH}]}}
`;

const handlers = `import type { Environment, Events, FunctionName, Handler, ResourceName } from './.fx/types';

export const orders: Handler<'orders', string> = async (event, context) => {
  context.getRemainingTimeInMillis();
  const level: string = process.env.LEVEL;
  if ('Records' in event) return event.Records[0]?.body ?? level;
  const id: string = event.pathParameters.id;
  return id;
};
export const onOrder: Handler<'on-order'> = async (event) => {
  const kind: 'Placed' | 'Paid' = event['detail-type'];
  const total: number = event.detail.total;
  return [kind, total, event.detail.kind satisfies 'a' | 'b', event.detail.anything];
};
export const quiet: Handler<'quiet'> = async (event: unknown) => event;
export const name: FunctionName = 'on-order';
export const table: ResourceName<'AWS::DynamoDB::Table'> = 'Orders';
export const environment = (of: Environment['orders']): string => of.TABLE;
export type Unknown = Events['quiet'];
// @ts-expect-error the variable is not in every function
export const tableName: string = process.env.TABLE;
// @ts-expect-error there is no such function
export const wrong: FunctionName = 'order';
// @ts-expect-error the detail type is not in the pattern
export const never = (event: Events['on-order']): boolean => event['detail-type'] === 'Cancelled';
`;

test('handlers compile against them, and what is wrong does not', async () => {
  const types = typesOf(await projectOf(yaml));
  const folder = await folderOf({ 'handlers.ts': handlers });
  await writeFiles(folder, {
    '.fx/types.d.ts': types,
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        ...{ strict: true, noEmit: true, skipLibCheck: true, module: 'nodenext', target: 'es2022' },
        ...{ types: ['node'], typeRoots: [resolve('node_modules/@types')] },
        paths: { 'aws-lambda': [resolve('node_modules/@types/aws-lambda')] },
      },
      files: ['handlers.ts', '.fx/types.d.ts'],
    }),
  });
  const compiler = resolve('node_modules/.bin/tsc');
  const { stdout } = await promisify(execFile)(compiler, ['-p', join(folder, 'tsconfig.json')]).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe('');
});

test('a project without variables, events and resources has empty types', async () => {
  const types = typesOf(await projectOf('name: s\nfunctions: {a: {handler: a.handler}}\n'));
  expect(types).toContain('export interface Resources {}\n');
  expect(types).toContain('  a: unknown;\n');
  expect(types).toContain('interface ProcessEnv {}\n');
});
