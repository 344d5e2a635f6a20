// GET /products, with ?max= for the highest price, and GET /products/{id}.
import { catalogue, find } from './catalogue.ts';
import { answering, HttpError, json } from './http.ts';

export const handler = answering((event) => {
  const id = event.pathParameters?.['id'];
  if (id === undefined) return json(200, { products: cheaperThan(event.queryStringParameters?.['max']) });
  const product = find(id);
  if (product === undefined) throw new HttpError(404, `there is no product ${JSON.stringify(id)}`);
  return json(200, product);
});

function cheaperThan(max: string | undefined) {
  if (max === undefined) return catalogue;
  if (!/^\d+$/.test(max)) throw new HttpError(400, `max is a number of cents, not ${JSON.stringify(max)}`);
  return catalogue.filter(({ price }) => price <= Number(max));
}
