import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { pgTable, serial } from 'drizzle-orm/pg-core';
import pg from 'pg';

const users = pgTable('users', { id: serial().primaryKey() });
const database = drizzle({ client: new pg.Pool() });
export const handler = async () => database.select().from(users).where(eq(users.id, 1)).toSQL().sql;
