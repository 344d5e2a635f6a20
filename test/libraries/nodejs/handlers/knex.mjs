import knex from 'knex';

const database = knex({ client: 'pg' });
export const handler = async () => database('orders').select('id').where({ id: 1 }).toString();
