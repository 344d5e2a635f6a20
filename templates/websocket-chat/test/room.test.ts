import { once } from 'node:events';
import { startLocal } from 'fx-serverless/local';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';

const local = await startLocal();
afterAll(() => local.stop());
let url = '';
beforeAll(async () => {
  const { outputs } = await local.deploy();
  url = outputs.WebSocketApiUrl ?? '';
});

test('what one says, everyone hears', async () => {
  const heard: string[] = [];
  const enter = async (name: string) => {
    const socket = new WebSocket(url);
    socket.on('message', (data: Buffer) => heard.push(`${name}: ${data}`));
    await once(socket, 'open');
    return socket;
  };
  const [ann, ben] = [await enter('ann'), await enter('ben')];
  ann.send('{"action": "say", "text": "hello"}');
  await expect
    .poll(() => [...heard].sort(), { timeout: 20_000 })
    .toEqual(['ann: {"text":"hello"}', 'ben: {"text":"hello"}']);
  for (const socket of [ann, ben]) {
    socket.close();
    await once(socket, 'close');
  }
});
