// GET /products and /products/<id>.
import { type AlbEvent, json } from './event.ts';

const products: Readonly<Record<string, number>> = { tea: 450, 'green tea': 520, mug: 1200 };

export async function handler({ path, queryStringParameters = {} }: AlbEvent) {
  // a load balancer decodes neither the path nor the query
  const name = decodeURIComponent(path.split('/')[2] ?? '');
  if (name === '') {
    const most = Number(decodeURIComponent(queryStringParameters['max'] ?? 'Infinity'));
    return json(
      200,
      Object.keys(products).filter((product) => (products[product] ?? 0) <= most),
    );
  }
  const price = products[name];
  return price === undefined ? json(404, { error: `no product "${name}"` }) : json(200, { name, price });
}
