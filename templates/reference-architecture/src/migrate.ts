import { openDatabase } from './database.ts';

const steps = [
  'create table if not exists notes (id bigint generated always as identity primary key, text text not null)',
];

/** Does every step; each must do no harm if it was done before. */
export const handler = async () => {
  const database = openDatabase();
  if (database === undefined) return { steps: 0 };
  for (const step of steps) await database.query(step);
  return { steps: steps.length };
};
