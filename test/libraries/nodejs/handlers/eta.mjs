import path from 'node:path';
import { Eta } from 'eta';
export const handler = async () =>
  new Eta({ views: path.join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, 'views-eta') }).render(
    './home',
    { name: 'x' },
  );
