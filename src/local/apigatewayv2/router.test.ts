import { expect, test } from 'vitest';
import { findRoute, parseRouteKey } from './router.ts';

// The routes and requests in the table of AWS's documentation, and cases that it does not cover.
const keys = [
  'GET /pets/dog/1',
  'GET /pets/dog/{id}',
  'GET /pets/{proxy+}',
  'ANY /{proxy+}',
  'ANY /exact',
  'POST /exact',
  '$default',
];
const routes = keys.map((key) => ({ id: key, key }));

test.each([
  ['GET', '/pets/dog/1', 'GET /pets/dog/1', {}],
  ['GET', '/pets/dog/2', 'GET /pets/dog/{id}', { id: '2' }],
  ['GET', '/pets/cat/1', 'GET /pets/{proxy+}', { proxy: 'cat/1' }],
  ['POST', '/test/5', 'ANY /{proxy+}', { proxy: 'test/5' }],
  ['POST', '/exact', 'POST /exact', {}],
  ['GET', '/exact', 'ANY /exact', {}],
  ['GET', '/', '$default', {}],
  ['GET', '/pets/dog/', 'GET /pets/{proxy+}', { proxy: 'dog/' }],
])('%s %s goes to %s', (method, path, key, parameters) => {
  const match = findRoute(routes, method, path);
  expect(match?.route.key).toBe(key);
  expect(match?.parameters).toEqual(parameters);
});

test('without $default a request may match no route', () => {
  expect(findRoute([{ id: 'a', key: 'GET /a' }], 'POST', '/a')).toBeUndefined();
});

test.each(['get /a', 'GET a', 'FETCH /a', 'GET /{a+}/b', 'GET /x{a}', 'GET', ''])('the key %j is invalid', (key) => {
  expect(parseRouteKey(key)).toBeUndefined();
});
