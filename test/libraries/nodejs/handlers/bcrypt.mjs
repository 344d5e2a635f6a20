import bcrypt from 'bcrypt';

export const handler = async () => bcrypt.compare('x', await bcrypt.hash('x', 4));
