import { ApolloServer } from '@apollo/server';

const server = new ApolloServer({
  typeDefs: 'type Query { hello: String }',
  resolvers: { Query: { hello: () => 'world' } },
});
export const handler = async () => ({
  ...(await server.executeOperation({ query: '{ hello }' })).body.singleResult.data,
});
