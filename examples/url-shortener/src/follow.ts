import { json, type Request } from './http.ts';
import { visit } from './links.ts';

export const handler = async ({ pathParameters = {} }: Request) => {
  const location = await visit(pathParameters['code'] ?? '');
  if (location === undefined) return json(404, { error: 'there is no such link' });
  // a browser keeps no redirect, so that each visit counts
  return { statusCode: 302, headers: { location, 'cache-control': 'no-store' } };
};
