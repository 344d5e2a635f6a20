// What fx dev says when something is live.
import { expect, test } from 'vitest';
import { projectOf } from '../../../test/support/project.ts';
import { liveAgainText, liveText } from './dev-event-text.ts';

const plain = { color: false };

test('the addresses of all kinds of API, and later only the new ones', async () => {
  const text = 'name: s\nfunctions: {chat: {handler: a.handler, events: [{websocket: say}]}}\n';
  const project = await projectOf(text, { files: { 'a.ts': 'export const handler = async () => 1;' } });
  const outputs = { WebSocketApiUrl: 'ws://127.0.0.1:4/live', ChatFunctionArn: 'arn:aws:lambda' };
  const event = { kind: 'live', project, changed: true, release: 1, outputs, ms: 1200 } as const;
  expect(liveText(event, plain).split('\n')).toEqual([
    '',
    '✓ Release 1 is live 1.2 s',
    '',
    '  WebSocketApiUrl  ws://127.0.0.1:4/live',
    '  chat  websocket say',
    '',
    'Watching for changes.',
  ]);
  const later = { ...event, release: 2, outputs: { ...outputs, HttpApiUrl: 'http://127.0.0.1:5' } };
  expect(liveAgainText(later, outputs, plain)).toBe('✓ Release 2 is live 1200 ms\n  HttpApiUrl  http://127.0.0.1:5');
  expect(liveAgainText({ ...later, changed: false }, later.outputs, plain)).toBe('✓ Nothing to change 1200 ms');
});
