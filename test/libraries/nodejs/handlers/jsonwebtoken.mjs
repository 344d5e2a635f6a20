import jwt from 'jsonwebtoken';

export const handler = async () => jwt.verify(jwt.sign({ sub: 'x' }, 'secret'), 'secret').sub;
