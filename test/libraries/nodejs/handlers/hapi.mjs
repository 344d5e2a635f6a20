import hapi from '@hapi/hapi';

const server = hapi.server();
server.route({ method: 'GET', path: '/', handler: () => 'hapi' });

export const handler = async () => (await server.inject('/')).payload;
