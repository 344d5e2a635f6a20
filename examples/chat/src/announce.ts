// Says something to everyone, from outside the room.
import { sendToEveryone } from './send.ts';

export const handler = async ({ text }: { readonly text: string }) => ({
  heardBy: await sendToEveryone({ announcement: text }),
});
