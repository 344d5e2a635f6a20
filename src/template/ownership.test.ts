// The owner of a generated resource is recorded when it is generated. Deriving it from the id's prefix once put one function's condition
// on the resources of others.
import { expect, test } from 'vitest';
import { compiled } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';
import { resourceCounts } from './compile.ts';
import { sourcePlace } from './origin.ts';

const text = `name: s
functions:
  http: { handler: a.handler, condition: IsProd, events: [http: GET /http] }
  orders: { handler: a.handler, events: [http: GET /orders, sqs: Jobs] }
  get: { handler: a.handler, events: [http: GET /x] }
  get-http: { handler: a.handler, condition: IsProd, events: [http: GET /get-http] }
conditions: { IsProd: !Equals ["\${env}", prod] }
resources: { Jobs: { Type: AWS::SQS::Queue } }
`;

test('a condition applies to what its function owns, even if other names share its prefix', async () => {
  const { template } = await compiled(text);
  const conditional = Object.entries(template.Resources).filter(([, { Condition }]) => Condition !== undefined);
  const ids = conditional.map(([id]) => id.replace(/Version[0-9a-f]{12}$/, 'Version')).sort();
  const ofFunction = (name: string, route: string) => [
    `HttpRouteGet${route}`,
    ...['Alias', 'Function', 'HttpIntegration', 'HttpPermission', 'LogGroup', 'Role', 'Version'].map(
      (suffix) => `${name}${suffix}`,
    ),
  ];
  expect(ids).toEqual([...ofFunction('GetHttp', 'GetHttpf9a345bb'), ...ofFunction('Http', 'Http')].sort());
  expect(template.Outputs?.['HttpApiUrl']).not.toHaveProperty('Condition');
  expect(template.Outputs?.['GetHttpFunctionArn']).toHaveProperty('Condition', 'IsProd');
});

test('each function is charged only for its resources', async () => {
  const { project, ownedResources } = await compiled(text);
  expect(Object.fromEntries(resourceCounts(project, ownedResources))).toEqual({
    http: 8,
    orders: 9,
    get: 8,
    'get-http': 8,
  });
});

test('a resource leads back to its event or setting', async () => {
  const { project, ownedResources } = await compiled(
    `${text}extend: { OrdersFunction: { Properties: { Description: mine } } }\n`,
  );
  const lineOf = (...path: (string | number)[]) => {
    const { line, column } = sourcePlace(project, ownedResources, ['resources', ...path]);
    return `${line}:${column}`;
  };
  expect(lineOf('OrdersSqsJobs')).toBe('4:61');
  expect(lineOf('HttpRouteGetX', 'Properties', 'RouteKey')).toBe('5:39');
  expect(lineOf('Jobs')).toMatch(/^8:/);
  expect(lineOf('OrdersFunction', 'Properties', 'Description')).toMatch(/^9:/);
  expect(lineOf('OrdersFunction', 'Properties', 'MemorySize')).toMatch(/^4:/);
});

test('two functions that would generate one id are reported', async () => {
  const error = await compiled(
    'name: s\nfunctions:\n  get: { handler: a.handler, events: [http: GET /function] }\n  http-route-get: { handler: a.handler }\n',
  ).catch((thrown: unknown) => thrown);
  if (!(error instanceof FxError)) throw new Error(`expected an FxError, got ${String(error)}`);
  expect(error.problems.map(({ at, message }) => `${at.line} ${message}`)).toEqual([
    '3 two resources would have the logical id "HttpRouteGetFunction": one of the function "http-route-get", one of the function "get"',
  ]);
});
