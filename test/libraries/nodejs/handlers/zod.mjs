import { z } from 'zod';

export const handler = async () => z.object({ id: z.number() }).safeParse({ id: 'x' }).success;
