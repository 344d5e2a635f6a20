import type { APIGatewayProxyHandlerV2 } from 'aws-lambda';
import { openNotes } from './notes-store.ts';

const notes = openNotes();

export const handler: APIGatewayProxyHandlerV2 = async ({ body, requestContext }) => {
  if (requestContext.http.method === 'GET') return answer(200, { notes: await notes.list() });
  const { text } = JSON.parse(body ?? '{}') as { text?: string };
  if (typeof text !== 'string' || text === '') return answer(400, { error: 'a note has a text' });
  return answer(201, await notes.add(text));
};

const answer = (statusCode: number, body: object) => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
