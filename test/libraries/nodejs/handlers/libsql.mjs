import { createClient } from '@libsql/client';

export const handler = async () => (await createClient({ url: ':memory:' }).execute('select 1 + 2 as sum')).rows[0].sum;
