import { PGlite } from '@electric-sql/pglite';
export const handler = async () => (await new PGlite().query('select 1+1 as n')).rows;
