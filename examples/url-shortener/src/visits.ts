import { json, type Request } from './http.ts';
import { find } from './links.ts';

export const handler = async ({ pathParameters = {} }: Request) => {
  const link = await find(pathParameters['code'] ?? '');
  return link === undefined ? json(404, { error: 'there is no such link' }) : json(200, link);
};
