import { generateKey } from 'openpgp';
export const handler = async () => (await generateKey({ userIDs: [{ email: 'a@b.c' }] })).publicKey.slice(5, 20);
