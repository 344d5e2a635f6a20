// Orders, prices and a greeting.
interface Proxied {
  readonly resource: string;
  readonly pathParameters: Readonly<Record<string, string>> | null;
  readonly body: string | null;
}
/** What the template of GET /hello makes of a request. */
interface Asked {
  readonly name: string;
}

const json = (statusCode: number, value: object) => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'access-control-allow-origin': 'https://shop.example.com' },
  body: JSON.stringify(value),
});

export const handler = async (event: Proxied | Asked) => {
  if (!('resource' in event)) return greet(event);
  switch (event.resource) {
    case '/orders/{id}':
      return json(200, { id: event.pathParameters?.id });
    case '/orders':
      return json(201, { ordered: JSON.parse(event.body ?? '{}') });
    default:
      return json(200, { tea: 4.5 });
  }
};

function greet({ name }: Asked) {
  if (name === '') throw new Error('nobody to greet');
  return { greeting: `Hello ${name}` };
}
