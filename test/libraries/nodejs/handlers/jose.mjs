import { jwtVerify, SignJWT } from 'jose';

const key = new TextEncoder().encode('0123456789abcdef0123456789abcdef');
export const handler = async () => {
  const token = await new SignJWT({ sub: 'x' }).setProtectedHeader({ alg: 'HS256' }).sign(key);
  return (await jwtVerify(token, key)).payload.sub;
};
