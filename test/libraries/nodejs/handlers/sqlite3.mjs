import sqlite3 from 'sqlite3';
export const handler = async () =>
  new Promise((d, f) => {
    const db = new sqlite3.Database(':memory:');
    db.get('select 1+1 as n', (e, r) => (e ? f(e) : d(r)));
  });
