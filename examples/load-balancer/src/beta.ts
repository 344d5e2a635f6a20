// The next version of /products, for requests with the header x-version: beta.
import { type AlbEvent, json } from './event.ts';

export async function handler({ path }: AlbEvent) {
  // the load balancer's health check
  if (path === '/health') return json(200, 'up');
  return json(200, { version: 'beta', path });
}
