import fastify from 'fastify';

const app = fastify();
app.get('/:name', async ({ params }) => ({ hello: params.name }));

export const handler = async () => (await app.inject('/x')).json();
