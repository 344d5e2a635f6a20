import Database from 'better-sqlite3';

export const handler = async () => new Database(':memory:').prepare('select 1 + 2 as sum').all();
