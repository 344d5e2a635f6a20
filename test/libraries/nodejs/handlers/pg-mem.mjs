import { newDb } from 'pg-mem';
export const handler = async () => newDb().public.many('select 1+1 as n');
