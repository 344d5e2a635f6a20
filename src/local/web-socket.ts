// A WebSocket client, as small as a session with an inspector needs: Node has one of its own only from version 22 on.
// https://www.rfc-editor.org/rfc/rfc6455.html
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Socket } from 'node:net';

export interface WebSocketSession {
  /** Sends a text, once the connection is open. */
  send(text: string): void;
  end(): void;
}

/** Hands over each text that the server sends. Ends silently with the server. */
export function openWebSocket(url: string, take: (text: string) => void): WebSocketSession {
  const { hostname, port, pathname } = new URL(url);
  let socket: Socket | undefined;
  let isOver = false;
  let early: string[] = [];
  const upgrade = request({
    hostname,
    port,
    path: pathname,
    agent: false,
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': randomBytes(16).toString('base64'),
    },
  });
  // the server may end at any time, and with it the connection
  upgrade.on('error', () => {});
  upgrade.once('upgrade', (_, opened: Socket, head) => {
    socket = opened;
    opened.on('error', () => {});
    if (isOver) opened.destroy();
    const read = frameReader(take);
    read(head);
    opened.on('data', read);
    for (const text of early) opened.write(frame(text));
    early = [];
  });
  upgrade.end();
  return {
    send(text) {
      if (socket === undefined) early.push(text);
      else socket.write(frame(text));
    },
    end() {
      isOver = true;
      upgrade.destroy();
      socket?.destroy();
    },
  };
}

/** One text frame of less than 64 KB, masked, as a client must: 5.2. */
function frame(text: string): Buffer {
  const payload = Buffer.from(text);
  const isShort = payload.length < 126;
  const head = Buffer.alloc(isShort ? 2 : 4);
  head.writeUInt8(0x81, 0);
  head.writeUInt8(0x80 | (isShort ? payload.length : 126), 1);
  if (!isShort) head.writeUInt16BE(payload.length, 2);
  const mask = randomBytes(4);
  const masked = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([head, mask, masked]);
}

/** Takes the bytes of a server, which masks nothing, and hands over each whole text message. */
function frameReader(take: (text: string) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let message: Buffer[] = [];
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      if (rest.length < 2) return;
      const [first = 0, second = 0] = rest;
      const short = second & 0x7f;
      const head = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (rest.length < head) return;
      const length = short === 127 ? Number(rest.readBigUInt64BE(2)) : short === 126 ? rest.readUInt16BE(2) : short;
      if (rest.length < head + length) return;
      const opcode = first & 0x0f;
      // 0 continues a message, 1 begins one of text; an inspector sends no other that matters
      if (opcode <= 1) message.push(rest.subarray(head, head + length));
      rest = rest.subarray(head + length);
      if (opcode > 1 || (first & 0x80) === 0) continue;
      const text = Buffer.concat(message).toString('utf8');
      message = [];
      take(text);
    }
  };
}
