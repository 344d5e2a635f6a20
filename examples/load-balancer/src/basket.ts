// POST /basket: keeps the basket and the time in two cookies, which needs multiValueHeaders.
import { type AlbEvent, textOf } from './event.ts';

export async function handler(event: AlbEvent) {
  const cookies = event.multiValueHeaders?.['cookie']?.join('; ') ?? '';
  const before = /(?:^|; )basket=([^;]*)/.exec(cookies)?.[1];
  const added = encodeURIComponent(textOf(event));
  const basket = before === undefined ? added : `${before}.${added}`;
  return {
    statusCode: 201,
    statusDescription: '201 Created',
    multiValueHeaders: {
      'content-type': ['application/json'],
      'set-cookie': [`basket=${basket}; HttpOnly`, 'seen=yes'],
    },
    body: JSON.stringify(basket.split('.').map(decodeURIComponent)),
  };
}
