import Knex from 'knex';
import { Model } from 'objection';
export const handler = async () => {
  const knex = Knex({ client: 'better-sqlite3', connection: ':memory:', useNullAsDefault: true });
  await knex.schema.createTable('a', (t) => {
    t.increments();
    t.string('n');
  });
  class A extends Model {
    static tableName = 'a';
  }
  await A.query(knex).insert({ n: 'x' });
  const r = await A.query(knex);
  await knex.destroy();
  return r[0].n;
};
