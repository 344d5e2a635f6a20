import Fastify from 'fastify';
import mercurius from 'mercurius';
export const handler = async () => {
  const app = Fastify();
  app.register(mercurius, {
    schema: 'type Query { a: String }',
    resolvers: { Query: { a: () => 'x' } },
    graphiql: true,
  });
  await app.ready();
  const r = await app.graphql('{ a }');
  await app.close();
  return r.data;
};
