// POST /quotes: answers {"items": [{"id": "tea", "count": 2}]} with the price.
import { find } from './catalogue.ts';
import { answering, HttpError, json, jsonBody } from './http.ts';

interface Item {
  readonly id: string;
  readonly count: number;
}

export const handler = answering((event) => {
  const lines = itemsOf(jsonBody(event)).map(({ id, count }) => {
    const product = find(id);
    if (product === undefined) throw new HttpError(422, `there is no product ${JSON.stringify(id)}`);
    return { ...product, count, sum: product.price * count };
  });
  const total = lines.reduce((sum, line) => sum + line.sum, 0);
  console.log(`quoted ${lines.length} lines, ${total} in all`);
  return json(201, { lines, total, currency: process.env['CURRENCY'] });
});

function itemsOf(body: unknown): readonly Item[] {
  const items = (body as { items?: unknown } | null)?.items;
  if (!Array.isArray(items) || !items.every(isItem)) {
    throw new HttpError(400, 'expected {"items": [{"id": "tea", "count": 2}]}');
  }
  return items;
}

function isItem(value: unknown): value is Item {
  const { id, count } = (value ?? {}) as Partial<Item>;
  return typeof id === 'string' && Number.isInteger(count) && Number(count) > 0;
}
